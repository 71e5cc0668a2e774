use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// A reader that reads when it is told to.
struct Pipe {
    opened: Receiver<()>,
    is_open: bool,
    read: Arc<Mutex<Vec<u8>>>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !self.is_open {
            self.opened.recv().unwrap();
            self.is_open = true;
        }
        // Pipes take what they have room for.
        let taken = &bytes[..bytes.len().min(1_000)];
        self.read.lock().unwrap().extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A sink on a blocked pipe, what opens the pipe, and what was read from it.
fn blocked(bound: usize) -> (BackgroundSink, Sender<()>, Arc<Mutex<Vec<u8>>>) {
    let (open, opened) = channel();
    let read = Arc::default();
    let pipe = Pipe { opened, is_open: false, read: Arc::clone(&read) };
    let report = Box::new(|dropped: RecordCounts| format!("dropped {}\n", dropped.total()).into_bytes());
    (BackgroundSink::start_with(pipe, bound, report).unwrap(), open, read)
}

fn write(sink: &BackgroundSink, level: LogLevel, text: &str) {
    sink.write(Line { bytes: format!("{text}\n").as_bytes(), level, correlation_id: "x" });
}

fn lines(read: &Mutex<Vec<u8>>) -> Vec<String> {
    String::from_utf8(read.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_line_wakes_a_writer_that_sleeps() {
    let (sink, open, read) = blocked(1 << 20);
    open.send(()).unwrap();
    for line in ["first", "second"] {
        while !sink.0.state().idle {
            std::thread::sleep(GATHER);
        }
        write(&sink, LogLevel::Info, line);
        assert!(!sink.0.state().idle);
        assert!(sink.flush(PATIENCE));
    }
    assert_eq!(lines(&read), ["first", "second"]);
}

#[test]
fn lines_arrive_in_order() {
    let (sink, open, read) = blocked(1 << 20);
    open.send(()).unwrap();
    for n in 0..10_000 {
        write(&sink, LogLevel::Info, &n.to_string());
    }
    assert!(sink.flush(PATIENCE));
    assert_eq!(lines(&read), (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>());
    assert!(sink.dropped().is_zero());
    assert_eq!(sink.records(), RecordCounts { info: 10_000, ..RecordCounts::default() });
}

#[test]
fn a_blocked_reader_costs_records_and_not_time() {
    let (sink, open, read) = blocked(64 * 1024);
    let start = Instant::now();
    for n in 0..100_000 {
        write(&sink, LogLevel::Info, &n.to_string());
    }
    for n in 0..100 {
        write(&sink, LogLevel::Error, &format!("error {n}"));
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(!sink.flush(Duration::from_millis(20)));
    open.send(()).unwrap();
    assert!(sink.flush(PATIENCE));
    let lines = lines(&read);
    let told: u64 =
        lines.iter().filter_map(|line| line.strip_prefix("dropped ")).map(|count| count.parse::<u64>().unwrap()).sum();
    let errors = lines.iter().filter(|line| line.starts_with("error")).count();
    let arrived = lines.iter().filter(|line| !line.starts_with("dropped")).count() as u64;
    assert_eq!((errors, told + arrived, sink.dropped().total()), (100, 100_100, told));
    assert_eq!(sink.dropped().error, 0);
}

#[test]
fn without_a_guard_each_line_sees_that_it_arrives() {
    let (sink, open, read) = blocked(1 << 20);
    open.send(()).unwrap();
    sink.close();
    write(&sink, LogLevel::Info, "last");
    assert_eq!(lines(&read), ["last"]);
}

#[test]
fn a_blocked_reader_holds_up_the_end_once() {
    let (sink, _open, _) = blocked(1 << 20);
    sink.close();
    let start = Instant::now();
    for _ in 0..100 {
        write(&sink, LogLevel::Info, "last");
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

/// A reader that is gone, and comes back.
struct Broken(bool, Arc<Mutex<Vec<u8>>>);

impl Write for Broken {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if std::mem::take(&mut self.0) {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.1.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_written_is_counted_and_told_with_the_next_line() {
    let read = Arc::default();
    let report = Box::new(|dropped: RecordCounts| format!("dropped {}\n", dropped.total()).into_bytes());
    let sink = BackgroundSink::start_with(Broken(true, Arc::clone(&read)), 1 << 20, report).unwrap();
    write(&sink, LogLevel::Info, "lost");
    assert!(sink.flush(PATIENCE));
    write(&sink, LogLevel::Info, "next");
    assert!(sink.flush(PATIENCE));
    assert_eq!((lines(&read), sink.dropped().info), (vec!["next".to_owned(), "dropped 1".to_owned()], 1));
}
