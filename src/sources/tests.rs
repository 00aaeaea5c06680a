//! Readers against small invented pages, and against whatever bytes.
