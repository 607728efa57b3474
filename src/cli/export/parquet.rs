//! Apache Parquet: a table with a row for each text, for tools that read columns.
//!
//! Written with the crate's low-level column writer, group by group: what a group holds is all that is held in memory.

use crate::article::Provenance;
use crate::output::Entry;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};
use std::iter;
use std::sync::Arc;

/// A group of rows ends with this many, or with the row that brings its texts to [`GROUP_BYTES`].
const GROUP_ROWS: usize = 1_000;
const GROUP_BYTES: usize = 16 << 20;

/// The table of docs/operating.md; [`COLUMNS`] has a line for each of its columns, in the same order.
const SCHEMA: &str = "message gleaner {
    required binary key (UTF8);
    required binary url (UTF8);
    required group aliases (LIST) { repeated group list { required binary element (UTF8); } }
    required binary path (UTF8);
    required binary hash (UTF8);
    optional binary title (UTF8);
    optional int64 published (TIMESTAMP(MICROS,true));
    optional int32 published_day (DATE);
    required int64 fetched (TIMESTAMP(MICROS,true));
    optional binary feed (UTF8);
    optional binary entry (UTF8);
    optional binary language (UTF8);
    optional float confidence;
    required binary verdict (UTF8);
    required binary source (UTF8);
    optional binary duplicate_of (UTF8);
    required binary text (UTF8);
}";

/// What a column takes of a row: none, one, or, of a list, several values.
enum Column {
    Texts(fn(&Row) -> Vec<ByteArray>),
    Moment(fn(&Row) -> Option<Timestamp>),
    Day(fn(&Row) -> Option<Date>),
    Share(fn(&Row) -> Option<f32>),
}

const COLUMNS: [Column; 17] = [
    Column::Texts(|row| vec![bytes(row.entry.record.key)]),
    Column::Texts(|row| vec![bytes(&row.entry.record.url)]),
    Column::Texts(|row| row.entry.record.aliases.iter().map(bytes).collect()),
    Column::Texts(|row| vec![bytes(&row.entry.record.path)]),
    Column::Texts(|row| vec![bytes(&row.entry.hash)]),
    Column::Texts(|row| row.entry.record.title.iter().map(bytes).collect()),
    Column::Moment(|row| row.entry.record.published.and_then(|published| published.timestamp)),
    Column::Day(|row| row.entry.record.published.map(|published| published.date)),
    Column::Moment(|row| Some(row.entry.record.fetched)),
    Column::Texts(|row| row.entry.record.feed.iter().map(bytes).collect()),
    Column::Texts(|row| row.entry.record.entry.iter().map(bytes).collect()),
    Column::Texts(|row| row.entry.record.language.iter().map(bytes).collect()),
    Column::Share(|row| row.entry.record.confidence),
    Column::Texts(|row| vec![bytes(row.entry.record.verdict.id())]),
    Column::Texts(|row| vec![bytes(source(row.entry.record.source))]),
    Column::Texts(|row| row.entry.record.duplicate_of.iter().map(bytes).collect()),
    Column::Texts(|row| vec![row.text.clone()]),
];

fn bytes(value: impl ToString) -> ByteArray {
    value.to_string().into_bytes().into()
}

fn source(source: Provenance) -> &'static str {
    match source {
        Provenance::Page => "page",
        Provenance::Feed => "feed",
    }
}

/// A text and what the manifest says of it.
struct Row {
    entry: Entry,
    text: ByteArray,
}

/// A table that is being written; without [`Table::close`] it is none.
pub(super) struct Table<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    /// The group that is being gathered.
    rows: Vec<Row>,
    text_bytes: usize,
}

impl<W: Write + Send> Table<W> {
    /// Begins a table; nothing is known of its rows yet.
    pub(super) fn new(out: W) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(unwritten)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            // No two texts are alike, nor are their hashes.
            .set_column_dictionary_enabled(ColumnPath::from("text"), false)
            .set_column_dictionary_enabled(ColumnPath::from("hash"), false)
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(unwritten)?;
        Ok(Self { writer, rows: Vec::new(), text_bytes: 0 })
    }

    /// Adds a row; a group that is full with it is written.
    pub(super) fn add(&mut self, entry: Entry, text: &str) -> io::Result<()> {
        self.text_bytes += text.len();
        self.rows.push(Row { entry, text: text.into() });
        if self.rows.len() >= GROUP_ROWS || self.text_bytes >= GROUP_BYTES {
            self.write_group().map_err(unwritten)?;
        }
        Ok(())
    }

    /// Writes what is left, and the table's end.
    pub(super) fn close(mut self) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.write_group().map_err(unwritten)?;
        }
        self.writer.close().map(drop).map_err(unwritten)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        let mut columns = COLUMNS.iter();
        while let (Some(writer), Some(column)) = (group.next_column()?, columns.next()) {
            let rows = &self.rows;
            match column {
                Column::Texts(of) => write_column::<ByteArrayType, _>(writer, rows, of),
                Column::Moment(of) => {
                    write_column::<Int64Type, _>(writer, rows, |row| of(row).map(Timestamp::as_microsecond))
                }
                Column::Day(of) => write_column::<Int32Type, _>(writer, rows, |row| of(row).map(since_1970)),
                Column::Share(of) => write_column::<FloatType, _>(writer, rows, of),
            }?;
        }
        group.close()?;
        self.rows.clear();
        self.text_bytes = 0;
        Ok(())
    }
}

/// Days, as Parquet counts them.
fn since_1970(day: Date) -> i32 {
    (day - date(1970, 1, 1)).get_days()
}

/// Writes the values with their levels (Parquet's after Dremel): whether there is one, and whether it goes on with a list.
fn write_column<T: DataType, V: IntoIterator<Item = T::T>>(
    mut writer: SerializedColumnWriter<'_>,
    rows: &[Row],
    of: impl Fn(&Row) -> V,
) -> Result<(), ParquetError> {
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let before = values.len();
        values.extend(of(row));
        let count = values.len() - before;
        defined.extend(iter::repeat_n(i16::from(count > 0), count.max(1)));
        repeated.extend((0..count.max(1)).map(|at| i16::from(at > 0)));
    }
    let column = writer.typed::<T>();
    let levels = column.get_descriptor();
    let defined = (levels.max_def_level() > 0).then_some(defined.as_slice());
    let repeated = (levels.max_rep_level() > 0).then_some(repeated.as_slice());
    column.write_batch(&values, defined, repeated)?;
    writer.close()
}

/// The error as it came from where the table goes.
fn unwritten(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => cause.downcast().map_or_else(io::Error::other, |cause| *cause),
        error => io::Error::other(error),
    }
}
