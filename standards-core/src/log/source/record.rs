//! A record whose fields are only known at run time.

use std::borrow::Cow;
use std::panic::Location;

use tracing::Dispatch;

use super::elsewhere::Said;
use super::spans::OfThread;
use super::tracing::with_current;
use super::writer::FieldWriter;
use crate::Failure;
use crate::level::LogLevel;
use crate::log::control::Pipeline;
use crate::log::line::{Draft, ErrorDetails, LogError, Origin};
use crate::value::Value;

/// One record, put together field by field. Where the fields are known beforehand, the macros of `tracing` do it with less.
///
/// It passes the same filter and the same redaction as every other record, and carries the request at hand.
///
/// ```
/// use standards_core::log::{LogLevel, Record};
///
/// Record::new(LogLevel::Info, "Cierre de caja")
///     .target("ms_pago_service::caja")
///     .field("pagos", 17)
///     .field("monto", "1250.00")
///     .emit();
/// ```
///
/// # Example: an error below ERROR
///
/// ```
/// use standards_core::log::{LogLevel, Record};
///
/// let error = "x".parse::<u8>().unwrap_err();
/// Record::new(LogLevel::Warning, "Reintento").target(module_path!()).error(&error).emit();
/// ```
#[derive(Debug)]
#[must_use = "a record is written by `emit`"]
pub struct Record<'a> {
    level: LogLevel,
    message: Cow<'a, str>,
    target: &'a str,
    fields: Vec<(Cow<'static, str>, Value)>,
    // In a box, since few have any and each call moves the record.
    error: Option<Box<ErrorDetails>>,
    location: &'static Location<'static>,
}

impl<'a> Record<'a> {
    /// A record that says `message`.
    ///
    /// ```
    /// use standards_core::log::{LogLevel, Record};
    ///
    /// let (done, total) = (17, 40);
    /// Record::new(LogLevel::Info, "Lote conciliado").field("done", done).field("total", total).emit();
    /// ```
    #[track_caller]
    pub fn new(level: LogLevel, message: impl Into<Cow<'a, str>>) -> Self {
        Self::at(Location::caller(), level, message)
    }

    pub(super) fn at(location: &'static Location<'static>, level: LogLevel, message: impl Into<Cow<'a, str>>) -> Self {
        Self { level, message: message.into(), target: "standards_core::log", fields: Vec::new(), error: None, location }
    }

    /// The module that speaks, by which its level is filtered. Without one, the standard itself speaks.
    ///
    /// ```
    /// use standards_core::log::{LogLevel, Record};
    ///
    /// Record::new(LogLevel::Debug, "Detalle").target("ms_pago_service::caja").emit();
    /// ```
    pub const fn target(mut self, target: &'a str) -> Self {
        self.target = target;
        self
    }

    /// Adds a field to `context`. Of two fields with one name the first stays.
    pub fn field(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Adds several fields to `context`.
    ///
    /// ```
    /// use standards_core::log::{LogLevel, Record};
    ///
    /// let totals = [("CLP", 17), ("USD", 3)];
    /// Record::new(LogLevel::Info, "Cierre de caja").fields(totals).emit();
    /// ```
    pub fn fields<N: Into<Cow<'static, str>>, V: Into<Value>>(mut self, fields: impl IntoIterator<Item = (N, V)>) -> Self {
        self.fields.extend(fields.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Says why: at ERROR the whole `error` block, below it `context.error_code`, and at any level the failure's own values.
    ///
    /// A failure is logged once, where its request ends; `standards-axum` does it in the access record.
    ///
    /// ```
    /// use standards_core::Failure;
    /// use standards_core::log::{LogLevel, Record};
    ///
    /// let failure = Failure::unavailable("connection refused");
    /// Record::new(LogLevel::Error, failure.message()).failure(&failure).emit();
    /// ```
    pub fn failure(self, failure: &Failure) -> Self {
        self.error(failure)
    }

    /// The same for any error; one without a code is told below ERROR as `context.error`, its message.
    #[track_caller]
    pub fn error(mut self, error: &(impl LogError + ?Sized)) -> Self {
        self.error = Some(Box::new(error.details(Location::caller())));
        self
    }

    /// Says in a few words what is to blame, in the place of the line of code and the way to it: for an error that is nobody's slip in the code. A
    /// record without an [`error`](Self::error) has no such place.
    ///
    /// ```
    /// use standards_core::log::{LogLevel, Record};
    ///
    /// let problem = "mil".parse::<u16>().unwrap_err();
    /// Record::new(LogLevel::Error, "Puerto no válido").error(&problem).traceback("<configuration>").emit();
    /// ```
    pub fn traceback(mut self, blamed: &str) -> Self {
        if let Some(error) = &mut self.error {
            blamed.clone_into(&mut error.traceback);
        }
        self
    }

    /// Writes the record, if its level is enabled for its target.
    ///
    /// Where the process has a `tracing` subscriber without a [`RecordLayer`](super::RecordLayer), the record is an event of it, under the
    /// target `standards::log` (`standards::access` for access records).
    pub fn emit(self) {
        self.emit_with(|_| {});
    }

    /// The same, with fields that `fill` writes before the record's own: they are written as they are told, and nothing is kept of them.
    ///
    /// `fill` is called only where the record is written.
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// use standards_core::log::{LogLevel, Record};
    ///
    /// let (begun, partner) = (Instant::now(), String::from("banco"));
    /// Record::new(LogLevel::Info, "Conciliación recibida").emit_with(|fields| {
    ///     fields.text("partner", &partner);
    ///     fields.unsigned("pagos", 17);
    ///     fields.milliseconds("duration_ms", begun.elapsed());
    /// });
    /// ```
    pub fn emit_with(self, fill: impl Fn(&mut FieldWriter<'_, '_>)) {
        let ours = with_current(|pipeline, dispatch| {
            if pipeline.enables(self.target, self.level.into()) {
                self.write(pipeline, dispatch, &fill);
            }
        });
        if !ours {
            self.emit_elsewhere(fill);
        }
    }

    fn emit_elsewhere(mut self, fill: impl Fn(&mut FieldWriter<'_, '_>)) {
        let written = FieldWriter::kept(fill);
        self.fields.splice(..0, written);
        let Self { level, ref message, target, ref fields, ref error, .. } = self;
        Said { level, target, message, fields, error: error.as_deref() }.emit();
    }

    fn write(&self, pipeline: &Pipeline, dispatch: &Dispatch, fill: impl Fn(&mut FieldWriter<'_, '_>)) {
        let Self { level, target, location, .. } = *self;
        let origin = Origin { level, target, file: Some(location.file()), line: Some(location.line()), metadata: None };
        let fill = |draft: &mut Draft<'_>| {
            draft.sentence(&self.message);
            fill(&mut FieldWriter::line(draft));
            self.fill(draft);
        };
        pipeline.write(origin, fill, &OfThread(dispatch));
    }

    fn fill(&self, draft: &mut Draft<'_>) {
        for field in &self.fields {
            draft.member(field);
        }
        if let Some(error) = &self.error {
            draft.error(error);
        }
    }
}
