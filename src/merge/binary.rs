//! Which bytes are text.

/// Whether a line merge would damage the bytes: they hold a NUL or are not UTF-8.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.contains(&0) || std::str::from_utf8(bytes).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_without_nul() {
        assert!(!is_binary(b""));
        assert!(!is_binary("\u{feff}Grüße\r\n".as_bytes()));
        assert!(is_binary(b"\x89PNG\r\n\x1a\n\0"));
        assert!(is_binary(b"latin-1: \xe9"));
        // UTF-16 with a byte order mark.
        assert!(is_binary(&[0xff, 0xfe, b'a', 0]));
    }
}
