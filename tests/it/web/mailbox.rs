//! The viewer of mails that stay here.

use axum::http::StatusCode;
use tempfile::TempDir;

use super::site::Site;

const MAIL: &str = "From: Broadsheet <d@papers.example>\r\nTo: ada@example.org\r\nSubject: Hello <b>\r\n\
    Date: Mon, 23 Nov 2026 07:00:00 +0000\r\nMessage-ID: <1@papers.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    plain <words>\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
    <html><head></head><body><a href=\"http://papers.example/\">x</a><script>alert(1)</script></body></html>\r\n--b--\r\n";

async fn site() -> (Site, TempDir) {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("mail")).expect("makes it");
    std::fs::write(folder.path().join("mail/1@papers.example.eml"), MAIL).expect("writes");
    std::fs::write(folder.path().join("mail/broken.eml"), [0, 159, 146, 150]).expect("writes");
    std::fs::write(folder.path().join("mail/notes.txt"), "no mail").expect("writes");
    std::fs::write(folder.path().join("secret.eml"), "secret").expect("writes");
    let mailbox = folder.path().join("mail");
    (Site::with(|settings| settings.mailbox = Some(mailbox)).await, folder)
}

#[tokio::test]
async fn mails_are_listed_and_shown() {
    let (site, _folder) = site().await;
    let list = site.get("/mailbox").await;
    assert!(list.body.contains("href=\"/mailbox/1@papers.example.eml\">Hello &lt;b&gt;</a>"), "{}", list.body);
    assert!(list.body.contains("2026-11-23 07:00") && !list.body.contains("notes.txt"));
    insta::assert_snapshot!("letter", site.get("/mailbox/1@papers.example.eml").await.content());
    assert_eq!(site.get("/mailbox/1@papers.example.eml/raw").await.body, MAIL);
    assert_eq!(site.get("/mailbox/1@papers.example.eml/text").await.body.trim(), "plain <words>");
    assert_eq!(site.get("/mailbox/broken.eml").await.status, StatusCode::OK);
    assert_eq!(site.get("/mailbox/broken.eml/html").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_html_of_a_mail_can_do_nothing_but_be_clicked() {
    let (site, _folder) = site().await;
    let html = site.get("/mailbox/1@papers.example.eml/html").await;
    let policy = html.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"), "{policy}");
    assert!(policy.contains("sandbox allow-popups") && !policy.contains("allow-scripts"));
    assert_eq!(html.header("x-frame-options"), "");
    assert!(html.body.contains("<head><base target=\"_blank\">"));
    let page = site.get("/mailbox/1@papers.example.eml").await;
    assert!(page.header("content-security-policy").contains("frame-src 'self'"));
    assert!(page.body.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(!page.body.contains("<script>"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let (site, folder) = site().await;
    for path in [
        "/mailbox/../secret.eml",
        "/mailbox/..%2fsecret.eml",
        "/mailbox/%2e%2e%2fsecret.eml/raw",
        "/mailbox/..%5csecret.eml",
        "/mailbox/notes.txt",
        "/mailbox/1@papers.example.eml%00.eml",
        "/mailbox/mail.eml",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.body.contains("secret"), "{path}");
    }
    #[cfg(unix)]
    {
        let link = folder.path().join("mail/link.eml");
        std::os::unix::fs::symlink(folder.path().join("secret.eml"), link).expect("links");
        assert_eq!(site.get("/mailbox/link.eml/raw").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_empty_or_missing_folder_is_an_empty_mailbox() {
    let folder = TempDir::new().expect("a folder");
    let site = Site::with(|settings| settings.mailbox = Some(folder.path().join("not yet"))).await;
    assert!(site.get("/mailbox").await.body.contains("No mail yet."));
    assert!(site.get("/").await.body.contains("href=\"/mailbox\""));
}
