//! Bytes to and from one client, in the clear or through TLS, read by lines.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The certificate that signed the server's, for clients that check (`localhost`, `127.0.0.1`).
pub const AUTHORITY: &[u8] = include_bytes!("tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");
const KEY: &[u8] = include_bytes!("tls/server.key");

/// How the server protects its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// Offers STARTTLS.
    Upgrade,
    /// From the first byte.
    Implicit,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// One connection.
pub(super) struct Channel {
    tcp: TcpStream,
    stream: Box<dyn Stream>,
    unread: Vec<u8>,
}

impl Channel {
    pub(super) fn plain(tcp: TcpStream) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        Ok(Self { stream: Box::new(tcp.try_clone()?), tcp, unread: Vec::new() })
    }

    /// Speaks TLS from here on.
    pub(super) fn secure(&mut self) -> io::Result<()> {
        let connection = ServerConnection::new(config()).map_err(io::Error::other)?;
        self.stream = Box::new(StreamOwned::new(connection, self.tcp.try_clone()?));
        Ok(())
    }

    pub(super) fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes())?;
        self.stream.flush()
    }

    /// The next line without its CRLF; an error when the client is gone.
    pub(super) fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.unread.drain(..=end).collect();
                line.truncate(line.len() - if line.ends_with(b"\r\n") { 2 } else { 1 });
                return Ok(line);
            }
            self.fill()?;
        }
    }

    /// Everything up to the final dot, without it, with leading dots undone.
    pub(super) fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut read_to = 0;
        loop {
            let from = usize::saturating_sub(read_to, 4);
            let end = if self.unread.starts_with(b".\r\n") {
                Some(0)
            } else {
                self.unread[from..].windows(5).position(|bytes| bytes == b"\r\n.\r\n").map(|at| from + at + 2)
            };
            if let Some(end) = end {
                let sent: Vec<u8> = self.unread.drain(..end + 3).take(end).collect();
                let lines = sent.split_inclusive(|&byte| byte == b'\n');
                return Ok(lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect());
            }
            read_to = self.unread.len();
            self.fill()?;
        }
    }

    /// Ends the connection at once, in both directions.
    pub(super) fn cut(&self) {
        let _ = self.tcp.shutdown(std::net::Shutdown::Both);
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.unread.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }
}

fn config() -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(CERTIFICATE).map(|found| found.expect("PEM")).collect();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(KEY).expect("PEM"))
        .expect("a usable certificate");
    Arc::new(config)
}
