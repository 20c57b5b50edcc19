//! The headers of pages, looked at before polars sees the pages: it takes the numbers in them for true, and asks for as much memory as they say.
//! A negative number of values becomes 2^61 bytes, and the end of the process.

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

use polars_parquet_format::{PageHeader, PageType, thrift::protocol::TCompactInputProtocol};

use super::Footer;
use crate::error::{Error, Result};

/// What a header may take: it holds the least and the greatest value of its page.
const LARGEST_HEADER: usize = 16 << 20;
/// Where the next header lies near, it is in what was read already.
const BUFFER: usize = 4 << 10;
/// Rows of a row group: so many in any case, and so many for each byte of the file. A column of one value takes next to nothing.
const ROWS: u64 = 1 << 22;
const ROWS_PER_BYTE: u64 = 1 << 12;
/// What a page unpacks to: so much in any case, and so many times its size.
const UNPACKED: u64 = 64 << 20;
const UNPACKED_RATIO: u64 = 2_000;

/// Looks at the page headers of some columns of a file.
///
/// # Errors
/// Where a header contradicts the footer, or names more than the file can hold.
pub(in crate::source) fn check(footer: &Footer, path: &Path, columns: &[String]) -> Result<()> {
    let failed = |e: std::io::Error| Error::io("read", path, e);
    let size = footer.file.metadata().map_err(failed)?.len();
    let mut reader = BufReader::with_capacity(BUFFER, &footer.file);
    reader.rewind().map_err(failed)?;
    let mut pages = Pages { reader, size };
    for group in &footer.metadata.row_groups {
        let rows = group.num_rows() as u64;
        if rows > ROWS + ROWS_PER_BYTE * size {
            return Err(damaged(path, &format!("a row group of {rows} rows in {size} bytes")));
        }
        for chunk in group.parquet_columns() {
            let descriptor = chunk.descriptor();
            let name = descriptor.path_in_schema.join(".");
            if !columns.contains(&name) {
                continue;
            }
            let range = chunk.byte_range();
            let values = u64::try_from(chunk.num_values()).unwrap_or(u64::MAX);
            let flat = descriptor.descriptor.max_rep_level == 0;
            let told = if range.start > range.end || range.end > size {
                Err("a column that lies outside of the file".to_owned())
            } else if flat && values != rows {
                Err(format!("a column of {values} values in {rows} rows"))
            } else {
                pages.of_chunk(range.start, range.end, values)
            };
            told.map_err(|what| damaged(path, &format!("{what} (column `{name}`)")))?;
        }
    }
    Ok(())
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::data_hint(
        format!("cannot read `{}`: it is damaged, it names {what}", path.display()),
        "copy the file again from where it was written, or leave it out",
    )
}

/// The pages of an open file.
struct Pages<'a> {
    reader: BufReader<&'a File>,
    size: u64,
}

impl Pages<'_> {
    /// Goes from header to header through a column of a row group; says what is wrong.
    fn of_chunk(&mut self, from: u64, end: u64, values: u64) -> Result<(), String> {
        let (mut at, mut seen) = (from, 0);
        while seen < values {
            let (header, length) = self.header(at)?;
            let packed = u64::try_from(header.compressed_page_size).map_err(|_| "a page of negative size")?;
            let unpacked = u64::try_from(header.uncompressed_page_size).map_err(|_| "a page of negative size")?;
            at += length;
            if packed > end.saturating_sub(at) {
                return Err("a page that ends behind its column".into());
            }
            if unpacked > UNPACKED + UNPACKED_RATIO * packed {
                return Err(format!("a page that unpacks from {packed} to {unpacked} bytes"));
            }
            at += packed;
            seen += values_of(&header, unpacked, values)?;
        }
        if seen == values { Ok(()) } else { Err(format!("pages of {seen} values in a column of {values}")) }
    }

    /// The header at a place, and how long it is.
    fn header(&mut self, at: u64) -> Result<(PageHeader, u64), String> {
        let there = self.reader.stream_position().map_err(|e| e.to_string())?;
        // Within what is buffered, where the next header often lies.
        self.reader.seek_relative(at.wrapping_sub(there) as i64).map_err(|e| e.to_string())?;
        let mut counted = Counted { reader: &mut self.reader, bytes: 0 };
        let most = LARGEST_HEADER.min(self.size as usize);
        let header = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut counted, most))
            .map_err(|_| "a page whose header cannot be read")?;
        Ok((header, counted.bytes))
    }
}

/// How many values a page adds to its column.
fn values_of(header: &PageHeader, unpacked: u64, values: u64) -> Result<u64, String> {
    let count = |n: i32, most: u64| match u64::try_from(n) {
        Ok(n) if n <= most => Ok(n),
        _ => Err(format!("a page of {n} values, of {most} at most")),
    };
    match header.type_ {
        PageType::DATA_PAGE => {
            let page = header.data_page_header.as_ref().ok_or("a page without the header of its type")?;
            count(page.num_values, values)
        }
        PageType::DATA_PAGE_V2 => {
            let page = header.data_page_header_v2.as_ref().ok_or("a page without the header of its type")?;
            let n = count(page.num_values, values)?;
            count(page.num_nulls, n)?;
            count(page.num_rows, n)?;
            let levels = count(page.definition_levels_byte_length, unpacked)? + count(page.repetition_levels_byte_length, unpacked)?;
            if levels > unpacked { Err("a page with more levels than bytes".into()) } else { Ok(n) }
        }
        PageType::DICTIONARY_PAGE => {
            let page = header.dictionary_page_header.as_ref().ok_or("a page without the header of its type")?;
            // Every value of a dictionary takes a byte at least.
            count(page.num_values, unpacked)?;
            Ok(0)
        }
        PageType::INDEX_PAGE => Ok(0),
        other => Err(format!("a page of the unknown type {}", other.0)),
    }
}

struct Counted<'a, 'f> {
    reader: &'a mut BufReader<&'f File>,
    bytes: u64,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.bytes += n as u64;
        Ok(n)
    }
}
