//! A connection pooler before a server: what it does to a session's start and end.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// What it does that no server does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    /// It refuses a start-up message with settings (pgbouncer).
    Refuse,
    /// It drops the settings (pgbouncer with `ignore_startup_parameters`).
    Ignore,
    /// It keeps the session with the server when its user has gone.
    Keep,
}

/// It ends when it is dropped, with every session.
pub(crate) struct Pooler {
    pub(crate) port: u16,
    _running: JoinSet<()>,
}

const ENCRYPT: [u8; 4] = 80_877_103_u32.to_be_bytes();
const REFUSAL: &[u8] = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";

impl Pooler {
    pub(crate) async fn to(upstream: u16, policy: Policy) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mut running, kept) = (JoinSet::new(), Kept::default());
        running.spawn(async move {
            let mut sessions = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                sessions.spawn(serve(client, upstream, policy, Arc::clone(&kept)));
            }
        });
        Self { port, _running: running }
    }
}

/// What a session is kept by.
type Kept = Arc<Mutex<Vec<(OwnedWriteHalf, JoinSet<()>)>>>;

/// A session of a client. What breaks ends it.
async fn serve(mut client: TcpStream, upstream: u16, policy: Policy, kept: Kept) {
    let Some(mut start) = message(&mut client).await else { return };
    if start.starts_with(&ENCRYPT) {
        client.write_all(b"N").await.unwrap();
        start = message(&mut client).await.unwrap();
    }
    match policy {
        Policy::Refuse => return client.write_all(&[b"E", &framed(REFUSAL)[..]].concat()).await.unwrap(),
        Policy::Ignore => start = without_options(&start),
        Policy::Keep => {}
    }
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).await.unwrap();
    server.write_all(&framed(&start)).await.unwrap();
    let session = carry(client, server).await;
    if let Policy::Keep = policy {
        kept.lock().await.push(session);
    }
}

/// Carries messages both ways until the client goes; its word of farewell is for the pooler itself.
async fn carry(client: TcpStream, server: TcpStream) -> (OwnedWriteHalf, JoinSet<()>) {
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let mut answers = JoinSet::new();
    answers.spawn(async move { drop(tokio::io::copy(&mut from_server, &mut to_client).await) });
    while let Ok(kind) = from_client.read_u8().await {
        let Some(body) = message(&mut from_client).await else { break };
        if kind == b'X' || to_server.write_all(&[&[kind], &framed(&body)[..]].concat()).await.is_err() {
            break;
        }
    }
    (to_server, answers)
}

/// The body of a message whose length comes first.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let length = from.read_u32().await.ok()?;
    let mut body = vec![0; usize::try_from(length).unwrap().checked_sub(4)?];
    from.read_exact(&mut body).await.ok()?;
    Some(body)
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&length.to_be_bytes(), body].concat()
}

/// The protocol's version, then names and values, each with a zero at its end, then a zero.
fn without_options(start: &[u8]) -> Vec<u8> {
    let (version, pairs) = start.split_at(4);
    let words: Vec<&[u8]> = pairs.split(|byte| *byte == 0).collect();
    let pairs = words.chunks_exact(2).filter(|pair| !pair[0].is_empty() && pair[0] != b"options");
    let kept: Vec<u8> = pairs.flatten().flat_map(|word| [word, &b"\0"[..]].concat()).collect();
    [version, &kept, b"\0"].concat()
}
