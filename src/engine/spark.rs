//! Spark Connect.
//!
//! A query runs on a thread of its own, so that a server that never answers (all of its workers are gone) ends at the deadline. A token is taken from
//! `SPARK_CONNECT_AUTHENTICATE_TOKEN` by the client, sent only over TLS or to this machine, and shown nowhere.

#![allow(clippy::result_large_err, reason = "the error is the client's")]

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use arrow_array::{
    Array, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    cast::AsArray,
    types::{Float64Type, Int32Type, Int64Type},
};
use polars::prelude::*;
use spark_connect::{DataType as SparkType, SparkError, SparkSession};

use super::Engine;
use crate::{
    error::{Error, Result},
    observe::Observer,
    sql::render::{self, Dialect},
};

/// How often it is looked whether the user stopped.
const LOOK: Duration = Duration::from_millis(200);
/// How long a query that is given up may take to hear of it.
const GOODBYE: Duration = Duration::from_secs(5);

/// A session on a server.
pub(super) struct Spark {
    name: String,
    address: String,
    deadline: Duration,
    session: SparkSession,
}

impl Spark {
    /// Opens a session; nothing is sent before the first query.
    ///
    /// # Errors
    /// When the address is none, or a token would be sent in the clear.
    pub(super) fn new(name: &str, url: &str, deadline: Duration) -> Result<Self> {
        let session = SparkSession::builder().remote(url).get_or_create();
        let session = session.map_err(|error| {
            let hint = "an address is `sc://host:15002`, with TLS `sc://host:15002/;use_ssl=true`";
            Error::data_hint(format!("source `{name}`: {}", without_token(&error.message())), hint)
        })?;
        let address = url.split(';').next().unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Self { name: name.to_owned(), address, deadline, session })
    }

    /// Does something with the session, until the deadline.
    fn within<T: Send + 'static>(
        &self,
        observer: &dyn Observer,
        work: impl FnOnce(&SparkSession) -> Result<T, SparkError> + Send + 'static,
    ) -> Result<T> {
        let (send, receive) = mpsc::channel();
        let session = self.session.clone();
        // Detached: a call that never returns ends with the process.
        std::thread::spawn(move || {
            let conf = session.conf();
            // Errors of arithmetic are nulls, as here, and clocks are ours.
            let done = conf
                .set("spark.sql.session.timeZone", "UTC")
                .and_then(|()| conf.set("spark.sql.ansi.enabled", "false"))
                .and_then(|()| work(&session));
            // Nobody listens once the deadline has passed.
            let _ = send.send(done);
        });
        let started = Instant::now();
        loop {
            match receive.recv_timeout(LOOK) {
                Ok(done) => return done.map_err(|error| self.failed(&error)),
                Err(RecvTimeoutError::Disconnected) => return Err(Error::Internal(format!("the client of `{}` broke off", self.address))),
                Err(RecvTimeoutError::Timeout) if observer.cancelled() => {
                    self.give_up();
                    return Err(Error::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) if started.elapsed() >= self.deadline => {
                    self.give_up();
                    return Err(Error::data_hint(
                        format!("source `{}`: no answer from `{}` within {} s", self.name, self.address, self.deadline.as_secs()),
                        "look whether the server has workers left, or raise `deadline` of the source",
                    ));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Tells the server to stop, if it can still be told.
    fn give_up(&self) {
        let session = self.session.clone();
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            // Whether it heard changes nothing here.
            let _ = session.interrupt_all();
            let _ = send.send(());
        });
        let _ = receive.recv_timeout(GOODBYE);
    }

    fn failed(&self, error: &SparkError) -> Error {
        let said = without_token(&error.message());
        // A server says its plan after the first line.
        let first = said.lines().next().unwrap_or_default();
        let hint = match error.get_condition().as_deref() {
            Some("TABLE_OR_VIEW_NOT_FOUND") => "look at `table`; `catalog.schema.table` names it whole".to_owned(),
            Some(condition) => format!("Spark calls this {condition}"),
            None => format!(
                "look whether the server at `{}` runs, and whether the token in SPARK_CONNECT_AUTHENTICATE_TOKEN is good",
                self.address
            ),
        };
        Error::data_hint(format!("source `{}`: Spark at `{}`: {first}", self.name, self.address), hint)
    }
}

/// A message without the token, should the client ever repeat it.
fn without_token(message: &str) -> String {
    match std::env::var("SPARK_CONNECT_AUTHENTICATE_TOKEN") {
        Ok(token) if !token.is_empty() => message.replace(&token, "***"),
        _ => message.to_owned(),
    }
}

impl Engine for Spark {
    fn dialect(&self) -> &'static dyn Dialect {
        &render::Spark
    }

    fn columns(&self, table: &str, observer: &dyn Observer) -> Result<Vec<(String, DataType)>> {
        let sql = format!("SELECT * FROM {table}");
        match self.within(observer, move |session| session.sql(&sql)?.schema())? {
            SparkType::Struct { fields } => Ok(fields.into_iter().map(|field| (field.name.clone(), of_spark(&field.data_type))).collect()),
            _ => Err(Error::Internal("Spark told no columns".into())),
        }
    }

    fn query(&self, sql: &str, observer: &dyn Observer) -> Result<DataFrame> {
        let text = sql.to_owned();
        let (names, batches) = self.within(observer, move |session| {
            let answer = session.sql(&text)?;
            let batches = answer.collect_record_batches()?;
            // An empty answer has no batch to tell its columns.
            let names = match (batches.is_empty(), batches.is_empty().then(|| answer.schema()).transpose()?) {
                (true, Some(SparkType::Struct { fields })) => fields.iter().map(|field| field.name.clone()).collect(),
                _ => Vec::new(),
            };
            Ok((names, batches))
        })?;
        frame(&names, &batches)
    }
}

fn of_spark(dtype: &SparkType) -> DataType {
    match dtype {
        SparkType::Boolean => DataType::Boolean,
        SparkType::Byte | SparkType::Short | SparkType::Integer | SparkType::Long => DataType::Int64,
        SparkType::Float | SparkType::Double | SparkType::Decimal { .. } => DataType::Float64,
        SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. } => DataType::String,
        SparkType::Date => DataType::Date,
        SparkType::Timestamp | SparkType::TimestampNtz => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        _ => DataType::Null,
    }
}

/// Arrow's batches as one frame. Crossing by value keeps two versions of Arrow apart.
fn frame(names: &[String], batches: &[RecordBatch]) -> Result<DataFrame> {
    let engine = |error: PolarsError| Error::Internal(format!("the answer of Spark: {error}"));
    let Some(first) = batches.first() else {
        let empty = names.iter().map(|name| Column::new_empty(name.as_str().into(), &DataType::Null)).collect();
        return DataFrame::new(0, empty).map_err(engine);
    };
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let schema = first.schema();
    let columns = schema.fields().iter().enumerate().map(|(index, field)| {
        let arrays: Vec<&dyn Array> = batches.iter().map(|batch| &**batch.column(index)).collect();
        series(field.name(), &arrays).map(IntoColumn::into_column)
    });
    DataFrame::new(rows, columns.collect::<Result<_>>()?).map_err(engine)
}

fn series(name: &str, arrays: &[&dyn Array]) -> Result<Series> {
    let name = PlSmallStr::from_str(name);
    let is = |kind: fn(&dyn Array) -> bool| arrays.iter().all(|array| kind(*array));
    if is(|array| array.as_any().is::<StringArray>()) {
        let values = arrays.iter().flat_map(|array| array.as_string::<i32>().iter());
        return Ok(StringChunked::from_iter_options(name, values).into_series());
    }
    if is(|array| array.as_any().is::<Int64Array>()) {
        let values = arrays.iter().flat_map(|array| array.as_primitive::<Int64Type>().iter());
        return Ok(Int64Chunked::from_iter_options(name, values).into_series());
    }
    if is(|array| array.as_any().is::<Int32Array>()) {
        let values = arrays.iter().flat_map(|array| array.as_primitive::<Int32Type>().iter().map(|value| value.map(i64::from)));
        return Ok(Int64Chunked::from_iter_options(name, values).into_series());
    }
    if is(|array| array.as_any().is::<Float64Array>()) {
        let values = arrays.iter().flat_map(|array| array.as_primitive::<Float64Type>().iter());
        return Ok(Float64Chunked::from_iter_options(name, values).into_series());
    }
    if is(|array| array.as_any().is::<BooleanArray>()) {
        let values = arrays.iter().flat_map(|array| array.as_boolean().iter());
        return Ok(BooleanChunked::from_iter_options(name, values).into_series());
    }
    let kinds = arrays.iter().map(|array| array.data_type().to_string()).collect::<Vec<_>>().join(", ");
    Err(Error::Internal(format!("column `{name}` of Spark's answer is {kinds}, which no query asks for")))
}
