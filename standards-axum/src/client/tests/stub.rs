//! Another service, of which only what it sends is known.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use standards_core::context;
use standards_core::settings::SettingValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::Client;
use crate::url::Url;

/// What a request gets; the connection ends with it.
#[derive(Clone)]
pub(super) enum Answer {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, and then the same byte again and again, with a pause after each.
    Trickle(Vec<u8>, Duration),
    /// These bytes, and then the others without an end.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, ever.
    Silence,
}

/// Answers one request after the other, the last answer for ever; notes what it is sent.
pub(super) struct Stub {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    /// How many bytes it got rid of.
    pub(super) sent: Arc<Mutex<usize>>,
}

impl Stub {
    pub(super) async fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Self { address: listener.local_addr().unwrap(), requests: Arc::default(), sent: Arc::default() };
        context::spawn_worker(serve(listener, answers.into_iter().collect(), stub.requests.clone(), stub.sent.clone()));
        stub
    }

    pub(super) fn client(&self) -> Client {
        Client::new("clientes", base(self.address)).unwrap()
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

pub(super) fn base(address: SocketAddr) -> Url {
    Url::parse(&format!("http://{address}")).unwrap()
}

async fn serve(listener: TcpListener, answers: Vec<Answer>, requests: Arc<Mutex<Vec<String>>>, sent: Arc<Mutex<usize>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = read(&mut stream).await;
        let number = {
            let mut requests = requests.lock().unwrap();
            requests.push(request);
            requests.len() - 1
        };
        let answer = answers.get(number).or(answers.last()).unwrap().clone();
        context::spawn_worker(send(stream, answer, sent.clone()));
    }
}

/// The head, and of the body what came with it.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.unwrap_or_default() == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn send(mut stream: TcpStream, answer: Answer, sent: Arc<Mutex<usize>>) {
    let (first, again, pause) = match answer {
        Answer::Bytes(bytes) => (bytes, Vec::new(), None),
        Answer::Silence => return std::future::pending().await,
        Answer::Trickle(first, pause) => (first, vec![b' '], Some(pause)),
        Answer::Endless(first, again) => (first, again, None),
    };
    let mut is_open = write(&mut stream, &first, &sent).await;
    while is_open && !again.is_empty() {
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        is_open = write(&mut stream, &again, &sent).await;
    }
    let _ = stream.shutdown().await;
}

/// Whether they can be sent.
async fn write(stream: &mut TcpStream, bytes: &[u8], sent: &Mutex<usize>) -> bool {
    let written = stream.write_all(bytes).await.is_ok();
    *sent.lock().unwrap() += bytes.len();
    written
}

/// A whole answer of this status and type.
pub(super) fn http(status: u16, kind: &str, body: &str) -> Answer {
    with_header(status, kind, "x-nada: 1", body)
}

pub(super) fn with_header(status: u16, kind: &str, header: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n{header}\r\n\r\n"
    );
    Answer::Bytes((head + body).into_bytes())
}

/// A whole answer of JSON.
pub(super) fn json(status: u16, body: &str) -> Answer {
    http(status, "application/json", body)
}

/// The envelope of a failure.
pub(super) fn refused(status: u16, code: &str) -> Answer {
    let body = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"{code}","message":"palabras ajenas"}}]}}"#);
    json(status, &body)
}

pub(super) const FINE: &str = r#"{"success":true,"data":7,"errors":[]}"#;
