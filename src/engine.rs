//! Engines that aggregate where the logs lie. None of our own: SQL goes there, unit rows come back.
//!
//! Which engines there are is decided when gonogo is built: `--features spark` brings the client of Spark Connect with it, and its network stack. Without
//! it nothing here can reach a network.

use std::time::Duration;

use polars::prelude::{DataFrame, DataType};

use crate::{
    error::{Error, Result},
    observe::Observer,
    spec::{Engine as Kind, Source},
    sql::render::Dialect,
};

#[cfg(feature = "spark")]
mod spark;

/// How long a query may take where the experiment does not say.
pub const DEADLINE: Duration = Duration::from_secs(30 * 60);

/// An engine that answers SQL.
pub trait Engine {
    /// How SQL is written for it.
    fn dialect(&self) -> &'static dyn Dialect;

    /// The columns of a table, given as SQL names it, and their types; `Null` stands for types that no field can read.
    ///
    /// # Errors
    /// When there is no such table, or no answer before the deadline.
    fn columns(&self, table: &str, observer: &dyn Observer) -> Result<Vec<(String, DataType)>>;

    /// The answer to a query: columns of text, whole numbers and floats.
    ///
    /// # Errors
    /// When the engine refuses it, cannot be reached, gives no answer before the deadline, or the user stops it.
    fn query(&self, sql: &str, observer: &dyn Observer) -> Result<DataFrame>;
}

/// Reaches the engine of a source.
///
/// # Errors
/// When this gonogo was built without it, or its address is none.
pub fn open(name: &str, source: &Source) -> Result<Box<dyn Engine>> {
    let deadline = source.deadline.map_or(DEADLINE, |deadline| Duration::from_secs_f64(deadline.seconds()));
    match source.engine {
        Some(Kind::Spark) => spark_of(name, source.url.as_deref().unwrap_or_default(), deadline),
        None => Err(Error::Internal(format!("source `{name}` has no engine"))),
    }
}

#[cfg(feature = "spark")]
fn spark_of(name: &str, url: &str, deadline: Duration) -> Result<Box<dyn Engine>> {
    Ok(Box::new(spark::Spark::new(name, url, deadline)?))
}

#[cfg(not(feature = "spark"))]
fn spark_of(name: &str, _: &str, _: Duration) -> Result<Box<dyn Engine>> {
    Err(Error::usage(
        format!("source `{name}` lies in Spark, and this gonogo was built without it"),
        Some("build it with `cargo build --release --features spark` (needs `protoc`), or export the window's events as Parquet".into()),
    ))
}
