//! What layers have written, and a request to write about.

use std::io;
use std::sync::{Arc, Mutex};

use standards_core::log::{Line, LineSink};
use standards_core::{CorrelationId, RequestContext};
use tracing_subscriber::fmt::MakeWriter;

/// What a `fmt` layer has written.
#[derive(Clone, Default)]
pub(crate) struct Text(Arc<Mutex<Vec<u8>>>);

impl Text {
    pub(crate) fn lines(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Text {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What our layer has written.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl LineSink for Lines {
    fn write(&self, line: Line<'_>) {
        self.0.lock().unwrap().push(String::from_utf8(line.bytes.to_vec()).unwrap());
    }
}

pub(crate) fn request(id: &str) -> RequestContext {
    RequestContext::new(CorrelationId::parse(id).unwrap(), "/api/v1/pagos", "POST")
}
