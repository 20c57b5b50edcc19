//! The footer of a file, with columns in the types that polars was built for.
//!
//! Whole numbers of 8 and 16 bits lie as 32 bits in a page, and a dictionary is how text is packed, not what it is: without the schema that Arrow
//! leaves in the footer, and without the narrow type of a number, both are read as what they are.

use std::{fs::File, sync::Arc};

use polars::prelude::{ArrowDataType, PolarsResult};
use polars_io::{SerReader, parquet::read::ParquetReader};
use polars_parquet::{
    parquet::{metadata::SchemaDescriptor, schema::types::ParquetType},
    read::{FileMetadata, infer_schema},
};

/// A reader of a file, which gives no type that polars cannot make a column of, where there is another for it.
///
/// # Errors
/// Where the footer cannot be read.
pub(super) fn reader(file: File) -> PolarsResult<ParquetReader<File>> {
    let mut reader = ParquetReader::new(file);
    let metadata = reader.get_metadata()?;
    let is_odd = |dtype: &ArrowDataType| is_narrow(dtype) || matches!(dtype, ArrowDataType::Dictionary(..));
    if infer_schema(metadata)?.iter_values().any(|field| is_odd(field.dtype())) {
        let mut plain = FileMetadata::clone(metadata);
        plain.key_value_metadata = None;
        let schema = infer_schema(&plain)?;
        let narrow = |name: &str| schema.get(name).is_some_and(|field| is_narrow(field.dtype()));
        let fields = plain.schema_descr.fields().iter().cloned().map(|field| match field {
            ParquetType::PrimitiveType(mut primitive) if narrow(&primitive.field_info.name) => {
                (primitive.logical_type, primitive.converted_type) = (None, None);
                ParquetType::PrimitiveType(primitive)
            }
            other => other,
        });
        plain.schema_descr = SchemaDescriptor::new(plain.schema_descr.name().into(), fields.collect());
        reader.set_metadata(Arc::new(plain));
    }
    Ok(reader)
}

fn is_narrow(dtype: &ArrowDataType) -> bool {
    matches!(dtype, ArrowDataType::Int8 | ArrowDataType::Int16 | ArrowDataType::UInt8 | ArrowDataType::UInt16)
}
