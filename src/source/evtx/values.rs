//! The values of events, by their types.

use chrono::DateTime;
use serde_json::Value;

use super::{super::layout::Reason, number};

/// Seconds from 1601, where Windows counts from, to 1970.
const EPOCH: i64 = 11_644_473_600;
/// The mark of a type that several values of one follow.
const LIST: u8 = 0x80;

/// Text without the zeros at its end.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned()
}

/// A value of a type; `None` where it is none.
pub(super) fn value(kind: u8, bytes: &[u8]) -> Result<Option<Value>, Reason> {
    if kind & LIST != 0 {
        return list(kind & !LIST, bytes);
    }
    let wrong = || Reason::from(format!("a value of type {kind} with {} bytes", bytes.len()));
    if size(kind).is_some_and(|size| size != bytes.len()) {
        return Err(wrong());
    }
    let whole = || number(bytes, 0, bytes.len()).unwrap_or_default();
    let hex = |whole: u64| Value::String(format!("{whole:#x}"));
    Ok(Some(match kind {
        0x00 => return Ok(None),
        0x01 => Value::String(utf16(bytes)),
        0x02 => Value::String(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().trim_end_matches('\0').to_owned()),
        0x03 | 0x05 | 0x07 | 0x09 => Value::from((whole() << (64 - 8 * bytes.len())).cast_signed() >> (64 - 8 * bytes.len())),
        0x04 | 0x06 | 0x08 | 0x0a => Value::from(whole()),
        0x0b => Value::from(f64::from(f32::from_bits(whole() as u32))),
        0x0c => Value::from(f64::from_bits(whole())),
        0x0d => Value::Bool(whole() != 0),
        0x0e => Value::String(bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
        0x0f => Value::String(guid(bytes)),
        0x10 if matches!(bytes.len(), 4 | 8) => hex(whole()),
        0x11 => Value::String(file_time(whole()).ok_or_else(wrong)?),
        0x12 => Value::String(system_time(bytes)),
        0x13 => Value::String(security_id(bytes).ok_or_else(wrong)?),
        0x14 | 0x15 => hex(whole()),
        _ => return Err(wrong()),
    }))
}

/// Bytes of a type that always has as many.
const fn size(kind: u8) -> Option<usize> {
    Some(match kind {
        0x03 | 0x04 => 1,
        0x05 | 0x06 => 2,
        0x07 | 0x08 | 0x0b | 0x0d | 0x14 => 4,
        0x09 | 0x0a | 0x0c | 0x11 | 0x15 => 8,
        0x0f | 0x12 => 16,
        _ => return None,
    })
}

/// Several values of a type: as text, a comma between them.
fn list(kind: u8, bytes: &[u8]) -> Result<Option<Value>, Reason> {
    let texts: Vec<String> = match size(kind) {
        Some(size) => {
            let values = bytes.chunks(size).map(|piece| value(kind, piece)).collect::<Result<Vec<_>, _>>()?;
            values.into_iter().flatten().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
        }
        None if kind == 0x01 => utf16(bytes).split('\0').map(str::to_owned).collect(),
        None => return Err(format!("a list of values of type {kind}").into()),
    };
    Ok(Some(Value::String(texts.join(", "))))
}

fn guid(bytes: &[u8]) -> String {
    let part = |from, size| number(bytes, from, size).unwrap_or_default();
    let rest: String = bytes.iter().skip(8).map(|byte| format!("{byte:02X}")).collect();
    format!("{:08X}-{:04X}-{:04X}-{}-{}", part(0, 4), part(4, 2), part(6, 2), &rest[..4], &rest[4..])
}

/// A hundred nanoseconds each since 1601.
fn file_time(ticks: u64) -> Option<String> {
    let micros = i64::try_from(ticks / 10).ok()? - EPOCH * 1_000_000;
    Some(DateTime::from_timestamp_micros(micros)?.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

fn system_time(bytes: &[u8]) -> String {
    let part = |place: usize| number(bytes, 2 * place, 2).unwrap_or_default();
    // The third is the day of the week.
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", part(0), part(1), part(3), part(4), part(5), part(6), part(7))
}

fn security_id(bytes: &[u8]) -> Option<String> {
    let (revision, count) = (bytes.first()?, usize::from(*bytes.get(1)?));
    let authority = bytes.get(2..8)?.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let parts = (0..count).map(|place| number(bytes, 8 + 4 * place, 4)).collect::<Option<Vec<_>>>()?;
    Some(parts.iter().fold(format!("S-{revision}-{authority}"), |text, part| format!("{text}-{part}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: u8, bytes: &[u8]) -> String {
        value(kind, bytes).unwrap().unwrap().to_string()
    }

    #[test]
    fn values_by_hand() {
        assert_eq!(text(0x03, &[0xff]), "-1");
        assert_eq!(text(0x07, &[0xfe, 0xff, 0xff, 0xff]), "-2");
        assert_eq!(text(0x0a, &[0xff; 8]), u64::MAX.to_string());
        assert_eq!(text(0x14, &[0x6d, 0, 0, 0xc0]), "\"0xc000006d\"");
        assert_eq!(text(0x0d, &[1, 0, 0, 0]), "true");
        assert_eq!(text(0x81, b"a\0\0\0b\0\0\0"), "\"a, b\"");
        assert_eq!(text(0x86, &[1, 0, 2, 0]), "\"1, 2\"");
        // The well-known identifier of administrators, and 2016-07-08 18:12:51.681640 UTC.
        assert_eq!(text(0x13, &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]), "\"S-1-5-32-544\"");
        let ticks = (1_468_001_571_681_640_i64 + EPOCH * 1_000_000) * 10;
        assert_eq!(text(0x11, &ticks.to_le_bytes()), "\"2016-07-08T18:12:51.681640Z\"");
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(text(0x0f, &bytes), "\"03020100-0504-0706-0809-0A0B0C0D0E0F\"");
        assert!(value(0x08, &[1]).is_err() && value(0x13, &[1, 9]).is_err() && value(0x77, &[]).is_err());
    }
}
