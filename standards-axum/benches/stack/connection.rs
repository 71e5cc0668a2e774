//! The same service over a connection: under axum's server, which polls a connection and nothing else, and under ours.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use axum::serve::ListenerExt as _;
use standards_axum::{Service, StandardSettings, service_info};
use standards_core::settings::Environment;
use tokio::runtime::Builder;

use crate::contenders::{BODY, nested};

/// How many requests one piece of work makes, each after the answer to the one before.
pub(crate) const REQUESTS: u32 = 50;

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Under axum's own server, which does at once what is deferred.
    pub(crate) fn to_axum() -> Self {
        let (listener, address) = listen();
        listener.set_nonblocking(true).expect("a listener");
        in_a_thread(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a socket"));
            axum::serve(listener, service(0).into_router()).await.expect("a server");
        });
        Self::connect(address)
    }

    /// Under ours, which does it when the answer has been written.
    pub(crate) fn to_ours() -> Self {
        let (listener, address) = listen();
        drop(listener);
        in_a_thread(async move {
            service(address.port()).run().await;
        });
        Self::connect(address)
    }

    fn connect(address: SocketAddr) -> Self {
        let stream = loop {
            match TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(_) => thread::yield_now(),
            }
        };
        stream.set_nodelay(true).expect("a socket");
        Self(BufReader::new(stream))
    }

    pub(crate) fn work(&mut self) -> Box<dyn FnMut() + '_> {
        Box::new(|| (0..REQUESTS).for_each(|_| self.ask()))
    }

    fn ask(&mut self) {
        let head = "POST /api/v1/ecos HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
        let request = format!("{head}content-length: {}\r\n\r\n{BODY}", BODY.len());
        self.0.get_mut().write_all(request.as_bytes()).expect("a request");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("an answer");
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        self.0.read_exact(&mut vec![0; length]).expect("a body");
    }
}

fn service(port: u16) -> Service {
    let port = port.to_string();
    let settings: StandardSettings = Environment::from_pairs([("PORT", &*port)]).settings().expect("settings");
    Service::new(service_info!(), settings).routes(nested())
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Each server has a thread of its own, and is gone with the process.
fn in_a_thread(server: impl Future<Output = ()> + Send + 'static) {
    thread::spawn(move || Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(server));
}
