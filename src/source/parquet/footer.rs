//! An open file with its footer, and its columns in the types that polars was built for.
//!
//! Whole numbers of 8 and 16 bits lie as 32 bits in a page, and a dictionary is how text is packed, not what it is: without the schema that Arrow
//! leaves in the footer, and without the narrow type of a number, both are read as what they are. A structure is no type of its own here: each
//! value inside of it is a column, whose name is the way to it (`event.action`), as in nested JSON.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{Cursor, Read, Seek, SeekFrom},
    path::Path,
};

use polars::prelude::{ArrayRef, ArrowDataType, ArrowField, ArrowSchema, Column, DataFrame, DataType, PolarsResult, Series};
use polars_arrow::{
    array::StructArray,
    bitmap::Bitmap,
    compute::utils::combine_validities_and,
};
use polars_parquet::{
    parquet::{metadata::SchemaDescriptor, schema::types::ParquetType},
    read::{BasicDecompressor, ColumnChunkMetadata, FileMetadata, PageReader, column_iter_to_arrays, infer_schema, read_metadata},
};
use rayon::prelude::*;

use super::wrong;
use crate::error::{Error, Result};

/// Structures inside of structures that are looked into.
const DEEPEST: usize = 32;

/// An open file, its footer, and the columns in it.
pub(in crate::source) struct Footer {
    pub(super) file: File,
    pub(super) metadata: FileMetadata,
    columns: Vec<Leaf>,
}

/// A column that holds values.
struct Leaf {
    name: String,
    /// The names on the way to it.
    steps: Vec<String>,
    /// The outermost field, with nothing in it but the way to this one.
    root: ArrowField,
    field: ArrowField,
}

impl Footer {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened, or its footer cannot be read.
    pub(in crate::source) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(|e| Error::io("read", path, e))?;
        let (metadata, schema) = read(&mut file).map_err(|e| wrong(path, &e))?;
        let mut columns = Vec::new();
        for field in schema.iter_values() {
            leaves(field, &mut Vec::new(), &mut columns);
        }
        let mut names = BTreeSet::new();
        // Of two columns of one name the first.
        columns.retain(|leaf| names.insert(leaf.name.clone()));
        Ok(Self { file, metadata, columns })
    }

    /// Names and types of its columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &ArrowDataType)> {
        self.columns.iter().map(|leaf| (leaf.name.as_str(), leaf.field.dtype()))
    }

    /// The type of a column.
    pub(super) fn dtype(&self, name: &str) -> Option<&ArrowDataType> {
        Some(self.leaf(name)?.field.dtype())
    }

    fn leaf(&self, name: &str) -> Option<&Leaf> {
        self.columns.iter().find(|leaf| leaf.name == name)
    }

    /// How many rows each row group has.
    pub(in crate::source) fn groups(&self) -> impl Iterator<Item = usize> {
        self.metadata.row_groups.iter().map(|group| group.num_rows())
    }

    /// Some columns of a row group, in the order in which they are named. `side_by_side`: on all cores.
    ///
    /// # Errors
    /// When there is no such column or group, or a page of it cannot be read.
    pub(in crate::source) fn frame(&self, group: usize, names: &[String], side_by_side: bool) -> PolarsResult<DataFrame> {
        let none = |what: &str| polars::prelude::polars_err!(ComputeError: "there is no {what}");
        let group = self.metadata.row_groups.get(group).ok_or_else(|| none("such row group"))?;
        let mut packed = Vec::with_capacity(names.len());
        for name in names {
            let leaf = self.leaf(name).ok_or_else(|| none(&format!("column `{name}`")))?;
            let chunk = group.parquet_columns().iter().find(|chunk| leaf.is_way(&chunk.descriptor().path_in_schema));
            packed.push((leaf, chunk.map(|chunk| Ok::<_, std::io::Error>((chunk, self.bytes(chunk)?))).transpose()?));
        }
        let unpack = |(leaf, chunk): (&Leaf, Option<(&ColumnChunkMetadata, Vec<u8>)>)| {
            let series = match chunk {
                Some((chunk, bytes)) => leaf.unpack(chunk, bytes)?,
                None => Series::full_null(leaf.field.name.clone(), group.num_rows(), &DataType::from_arrow_field(&leaf.field)),
            };
            Ok(Column::from(series.with_name(leaf.name.as_str().into())))
        };
        let columns: PolarsResult<Vec<Column>> =
            if side_by_side { packed.into_par_iter().map(unpack).collect() } else { packed.into_iter().map(unpack).collect() };
        DataFrame::new(group.num_rows(), columns?)
    }

    fn bytes(&self, chunk: &ColumnChunkMetadata) -> std::io::Result<Vec<u8>> {
        let range = chunk.byte_range();
        let length = range.end.saturating_sub(range.start);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        let mut file = &self.file;
        file.seek(SeekFrom::Start(range.start))?;
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Leaf {
    fn is_way<S: AsRef<str>>(&self, steps: &[S]) -> bool {
        steps.len() == self.steps.len() && steps.iter().zip(&self.steps).all(|(step, own)| step.as_ref() == own)
    }

    fn unpack(&self, chunk: &ColumnChunkMetadata, bytes: Vec<u8>) -> PolarsResult<Series> {
        let pages = PageReader::new(Cursor::new(bytes.into()), chunk, vec![], usize::MAX);
        let primitive = &chunk.descriptor().descriptor.primitive_type;
        let (arrays, _) = column_iter_to_arrays(vec![BasicDecompressor::new(pages, vec![])], vec![primitive], self.root.clone(), None)?;
        let arrays: Vec<ArrayRef> = arrays.into_iter().map(|array| innermost(array, None)).collect();
        Series::try_from((&self.field, arrays))
    }
}

/// What lies inside of structures that hold one thing each; nothing where one of them is missing.
fn innermost(array: ArrayRef, missing: Option<Bitmap>) -> ArrayRef {
    let there = combine_validities_and(missing.as_ref(), array.validity());
    match array.as_any().downcast_ref::<StructArray>().map(StructArray::values) {
        Some([only]) => innermost(only.clone(), there),
        _ => array.with_validity(there),
    }
}

/// The columns with values below a field.
fn leaves(field: &ArrowField, above: &mut Vec<ArrowField>, found: &mut Vec<Leaf>) {
    if let ArrowDataType::Struct(fields) = field.dtype() {
        if above.len() < DEEPEST {
            above.push(field.clone());
            fields.iter().for_each(|field| leaves(field, above, found));
            above.pop();
        }
        return;
    }
    let steps: Vec<String> = above.iter().chain([field]).map(|field| field.name.to_string()).collect();
    let root = above.iter().rev().fold(field.clone(), |inner, outer| ArrowField { dtype: ArrowDataType::Struct(vec![inner]), ..outer.clone() });
    found.push(Leaf { name: steps.join("."), steps, root, field: field.clone() });
}

/// The footer of a file and its schema, in which no type is one that polars cannot make a column of, where there is another for it.
fn read(file: &mut File) -> PolarsResult<(FileMetadata, ArrowSchema)> {
    let metadata = read_metadata(file)?;
    let schema = infer_schema(&metadata)?;
    let is_odd = |dtype: &ArrowDataType| is_narrow(dtype) || matches!(dtype, ArrowDataType::Dictionary(..));
    if !schema.iter_values().any(|field| any(field.dtype(), &is_odd)) {
        return Ok((metadata, schema));
    }
    let mut plain = metadata;
    plain.key_value_metadata = None;
    let schema = infer_schema(&plain)?;
    let fields = plain.schema_descr.fields().iter().map(|field| widened(field, schema.get(&field.get_field_info().name))).collect();
    plain.schema_descr = SchemaDescriptor::new(plain.schema_descr.name().into(), fields);
    let schema = infer_schema(&plain)?;
    Ok((plain, schema))
}

/// Whether a type, or one inside of its structures, is such.
fn any(dtype: &ArrowDataType, such: &impl Fn(&ArrowDataType) -> bool) -> bool {
    match dtype {
        ArrowDataType::Struct(fields) => fields.iter().any(|field| any(field.dtype(), such)),
        other => such(other),
    }
}

/// A type of the file without the narrow types of numbers.
fn widened(own: &ParquetType, field: Option<&ArrowField>) -> ParquetType {
    match (own.clone(), field.map(ArrowField::dtype)) {
        (ParquetType::PrimitiveType(mut primitive), Some(dtype)) if is_narrow(dtype) => {
            (primitive.logical_type, primitive.converted_type) = (None, None);
            ParquetType::PrimitiveType(primitive)
        }
        (ParquetType::GroupType { field_info, logical_type, converted_type, fields }, Some(ArrowDataType::Struct(inner))) => {
            let of = |own: &ParquetType| inner.iter().find(|field| field.name == own.get_field_info().name);
            let fields = fields.iter().map(|own| widened(own, of(own))).collect();
            ParquetType::GroupType { field_info, logical_type, converted_type, fields }
        }
        (other, _) => other,
    }
}

fn is_narrow(dtype: &ArrowDataType) -> bool {
    matches!(dtype, ArrowDataType::Int8 | ArrowDataType::Int16 | ArrowDataType::UInt8 | ArrowDataType::UInt16)
}
