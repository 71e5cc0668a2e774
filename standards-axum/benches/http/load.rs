//! Clients that cost little, so that the server is what is measured.
//!
//! One thread has all connections, in two halves. While the server is at work on one half, the answers of the other are read and its next
//! requests sent: two system calls a request. To wake a sleeping client costs a server as much as a quarter of a request of bare axum's,
//! and the slower the server the more often its clients sleep; so a client that waits here does so once for a half.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::contender::ANSWER;
use super::server::{self, Server};

/// What one server did in one turn.
pub(crate) struct Round {
    requests: f64,
    records: f64,
    seconds: f64,
    /// Of processor time, by the server and by the clients.
    server: f64,
    clients: f64,
}

impl Round {
    pub(crate) fn rate(&self) -> f64 {
        self.requests / self.seconds
    }

    pub(crate) fn processor_time(&self) -> f64 {
        self.server / self.requests
    }

    pub(crate) fn records_each(&self) -> f64 {
        self.records / self.requests
    }

    /// Well below one: else the clients are what is measured.
    pub(crate) fn clients_share(&self) -> f64 {
        self.clients / self.seconds
    }
}

pub(crate) fn measure(server: &Server, connections: usize, time: Duration) -> Round {
    let mut streams: Vec<_> = (0..connections).map(|_| TcpStream::connect(server.address).expect("a connection")).collect();
    server.clear_log();
    let (own, clients, begun) = (server.processor_time(), server::own_processor_time(), Instant::now());
    let requests = ask(&mut streams, &server.request, begun + time);
    let (seconds, clients) = (begun.elapsed().as_secs_f64(), server::own_processor_time() - clients);
    // The log's thread is behind by some milliseconds; its work counts.
    let records = server.count_records(requests);
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let (requests, records) = (requests as f64, records as f64);
    Round { requests, records, seconds, server: server.processor_time() - own, clients }
}

/// How many were answered until `end`, and a little later.
fn ask(streams: &mut [TcpStream], request: &[u8], end: Instant) -> usize {
    let (one, other) = streams.split_at_mut(streams.len() / 2);
    let mut halves = [one, other];
    let mut answered = 0;
    halves.iter_mut().for_each(|half| send(half, request));
    while Instant::now() < end {
        for half in &mut halves {
            answered += read_answers(half);
            send(half, request);
        }
    }
    answered + halves.iter_mut().map(|half| read_answers(half)).sum::<usize>()
}

fn send(streams: &mut [TcpStream], request: &[u8]) {
    streams.iter_mut().for_each(|stream| stream.write_all(request).expect("a request"));
}

/// The last one first: when it is there, so are the others, and the server has woken this thread once for all of them.
fn read_answers(streams: &mut [TcpStream]) -> usize {
    streams.iter_mut().rev().for_each(read_answer);
    streams.len()
}

fn read_answer(stream: &mut TcpStream) {
    let (mut answer, mut length) = ([0; 1024], 0);
    while !answer.get(..length).is_some_and(|answer| answer.ends_with(ANSWER.as_bytes())) {
        let read = stream.read(answer.get_mut(length..).expect("room")).expect("an answer");
        assert!(read > 0, "no answer but {:?}", String::from_utf8_lossy(&answer));
        length += read;
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{:?}", String::from_utf8_lossy(&answer));
}
