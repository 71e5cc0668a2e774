//! Clients that take their time: every limit is short here, and cuts off nobody before it is reached.

use super::*;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(600);

/// All other limits are out of reach.
fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits { head: LONG, idle: LONG, stall: LONG, ..Limits::default() };
    change(&mut limits);
    limits
}

async fn start_within(limits: Limits) -> Started {
    let answer = async |_| Response::new(Full::new(Bytes::from("hecho")));
    start_behind(limits, Security::Plain, answer, Duration::from_secs(10)).await
}

/// After how long the server closes, and what it has sent until then.
async fn closed_after(mut client: TcpStream) -> (Duration, Vec<u8>) {
    let (begun, mut sent) = (Instant::now(), Vec::new());
    // A connection that is reset is closed as well.
    let _ = tokio::time::timeout(LONG, client.read_to_end(&mut sent)).await.unwrap();
    (begun.elapsed(), sent)
}

#[tokio::test]
async fn a_head_that_does_not_come_closes_the_connection() {
    let (address, _stop, _running) = start_within(limits(|limits| limits.head = SHORT)).await;
    for begun in ["", "GET / HTTP/1.1\r\nHos", "\r\n"] {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(begun.as_bytes()).await.unwrap();
        let (time, sent) = closed_after(client).await;
        assert!(time >= SHORT / 2 && sent.is_empty(), "{begun:?}: {time:?} {}", sent.escape_ascii());
    }
}

#[tokio::test]
async fn a_head_that_trickles_closes_the_connection() {
    let (address, _stop, _running) = start_within(limits(|limits| limits.head = SHORT)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    while client.write_all(b"G").await.is_ok() {
        tokio::time::sleep(SHORT / 6).await;
    }
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn the_head_of_a_later_request_has_its_time_from_its_first_byte_on() {
    let (address, _stop, _running) = start_within(limits(|limits| limits.head = SHORT)).await;
    let mut client = connect(address, REQUEST).await;
    until(&mut client, b"hecho").await;
    // Idle for longer than a head may take.
    tokio::time::sleep(SHORT * 2).await;
    client.write_all(REQUEST).await.unwrap();
    until(&mut client, b"hecho").await;
    client.write_all(b"GET").await.unwrap();
    assert!(closed_after(client).await.0 >= SHORT / 2);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let (address, _stop, _running) = start_within(limits(|limits| limits.idle = SHORT)).await;
    let mut client = connect(address, REQUEST).await;
    until(&mut client, b"hecho").await;
    // Empty lines are no request.
    client.write_all(b"\r\n").await.unwrap();
    assert!(closed_after(client).await.0 >= SHORT / 2);
}

#[tokio::test]
async fn a_request_that_is_answered_slowly_is_not_idle() {
    let limits = limits(|limits| (limits.idle, limits.head, limits.stall) = (SHORT, SHORT, SHORT));
    let slow = async |_| {
        tokio::time::sleep(SHORT * 3).await;
        Response::new(Full::new(Bytes::from("hecho")))
    };
    let (address, _stop, _running) = start_behind(limits, Security::Plain, slow, LONG).await;
    let mut client = connect(address, REQUEST).await;
    until(&mut client, b"hecho").await;
    client.write_all(REQUEST).await.unwrap();
    until(&mut client, b"hecho").await;
}

/// More than the kernel holds for a client.
const LARGE: usize = 32 << 20;

async fn start_large() -> Started {
    let large = async |_| Response::new(Full::new(Bytes::from(vec![b'x'; LARGE])));
    let limits = limits(|limits| limits.stall = SHORT);
    start_behind(limits, Security::Plain, large, LONG).await
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let (address, stop, running) = start_large().await;
    let client = connect(address, REQUEST).await;
    tokio::time::sleep(SHORT * 3).await;
    // Nothing is left to wait for.
    stop.send(()).unwrap();
    tokio::time::timeout(LONG / 2, running).await.unwrap().unwrap();
    assert!(closed_after(client).await.1.len() < LARGE);
}

/// A client with room for little, so that its kernel reads for it no more than that.
async fn connect_narrow(address: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_that_do_not_read_are_cut_off_in_their_time() {
    let (address, stop, running) = start_large().await;
    let mut clients = Vec::new();
    for _ in 0..300 {
        clients.push(connect_narrow(address).await);
    }
    stop.send(()).unwrap();
    tokio::time::timeout(LONG / 10, running).await.unwrap().unwrap();
}

/// What the kernel takes whole, the server has done with: only the kernel can know that nobody takes it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_does_not_read_what_the_kernel_holds_is_cut_off() {
    let held = async |_| Response::new(Full::new(Bytes::from(vec![b'x'; 64 * 1024])));
    let limits = limits(|limits| limits.stall = SHORT);
    let (address, stop, running) = start_behind(limits, Security::Plain, held, Duration::from_millis(1)).await;
    let mut client = connect_narrow(address).await;
    let begun = Instant::now();
    // The kernel does not tell of it until it is asked.
    while client.write_all(b"\r\n").await.is_ok() {
        assert!(begun.elapsed() < LONG / 10, "it is still open");
        tokio::time::sleep(SHORT / 6).await;
    }
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_all() {
    let (address, _stop, _running) = start_large().await;
    let mut client = connect(address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let (mut bytes, mut length) = (vec![0; LARGE / 16], 0);
    loop {
        tokio::time::sleep(SHORT / 6).await;
        match client.read_exact(&mut bytes).await {
            Ok(read) => length += read,
            Err(_) => break,
        }
    }
    assert!(length >= LARGE - LARGE / 16, "{length}");
}
