//! Closing the beginning of a JSON document, so that what came through can be read.

/// The longest beginning that ends after a whole value, with everything that is open closed; `None` when there is none.
pub(super) fn close(bytes: &[u8]) -> Option<String> {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
    };
    let mut open: Vec<u8> = Vec::new();
    // Where the text can be cut, and how many containers are open there.
    let mut cut = None;
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in valid.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                open.pop();
                cut = Some((at + 1, open.clone()));
            }
            // A value stands before each comma, so the text may end there.
            b',' => cut = Some((at, open.clone())),
            _ => {}
        }
        if open.len() > 64 {
            return None;
        }
    }
    let (at, open) = cut?;
    let mut text = valid.get(..at)?.to_owned();
    text.extend(open.iter().rev().map(|byte| char::from(*byte)));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::close;

    #[test]
    fn beginnings_are_closed() {
        let rows = [
            (r#"{"a": [1, 2, 3"#, Some(r#"{"a": [1, 2]}"#)),
            (r#"{"a": {"b": "x,y", "c"#, Some(r#"{"a": {"b": "x,y"}}"#)),
            (r#"{"a": 1, "b": {"c": "\","#, Some(r#"{"a": 1}"#)),
            (r#"{"a": {"b": 1}"#, Some(r#"{"a": {"b": 1}}"#)),
            (r#"{"a": 1}"#, Some(r#"{"a": 1}"#)),
            (r#"{"a": 1"#, None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(close(text.as_bytes()).as_deref(), expected, "{text}");
        }
        assert_eq!(close(b"{\"a\": 1, \"b\": \"\xff").as_deref(), Some(r#"{"a": 1}"#));
    }
}
