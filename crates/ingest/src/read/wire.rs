//! The wire format of protocol buffers, walked in place: nothing is built, so a message of many empty parts takes no memory.
//!
//! Source: Protocol Buffers documentation, "Encoding". Groups (deprecated) are not read.

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field<'a> {
    /// A whole number of variable length.
    Number(u64),
    /// Four or eight bytes, little end first.
    Fixed(u64),
    /// A text, bytes or a message.
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    /// The bytes; nothing for numbers.
    pub fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The number; nothing for bytes.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) | Self::Fixed(number) => Some(number),
            Self::Bytes(_) => None,
        }
    }
}

/// Takes a number of variable length off the start; nothing where it has no end in these bytes or in ten.
pub fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *bytes = &bytes[place + 1..];
            return Some(value);
        }
    }
    None
}

/// The fields of a message with their tags, one after the other; the last one is nothing where the bytes are no message.
pub fn fields(bytes: &[u8]) -> impl Iterator<Item = Option<(u64, Field<'_>)>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = field(&mut rest);
        if found.is_none() {
            rest = &[];
        }
        Some(found)
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let tag = number(rest)?;
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte));
    let value = match tag & 7 {
        0 => Field::Number(number(rest)?),
        1 => Field::Fixed(little(take(rest, 8)?)),
        2 => {
            let length = number(rest)?;
            Field::Bytes(take(rest, length)?)
        }
        5 => Field::Fixed(little(take(rest, 4)?)),
        _ => return None,
    };
    (tag >> 3 > 0).then_some((tag >> 3, value))
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the documentation ("Encoding": `150`, `testing`), the largest number, and what is no message.
    #[test]
    fn messages() {
        let testing = Some((2, Field::Bytes(b"testing")));
        for (bytes, expected) in [
            (&b"\x08\x96\x01"[..], vec![Some((1, Field::Number(150)))]),
            (b"\x12\x07testing", vec![testing]),
            (b"\x12\x07testing\x08\x01", vec![testing, Some((1, Field::Number(1)))]),
            (b"\x39\x01\x02\0\0\0\0\0\0", vec![Some((7, Field::Fixed(0x201)))]),
            (b"\x0d\x01\0\0\0", vec![Some((1, Field::Fixed(1)))]),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", vec![Some((1, Field::Number(u64::MAX)))]),
            (b"", vec![]),
            (b"\x12\x08testing", vec![None]),
            (b"\x12\x07testing\x0b", vec![testing, None]),
            (b"\x08", vec![None]),
            (b"\x00\x00", vec![None]),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", vec![None]),
            (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", vec![None]),
        ] {
            assert_eq!(fields(bytes).collect::<Vec<_>>(), expected, "{bytes:02x?}");
        }
    }
}
