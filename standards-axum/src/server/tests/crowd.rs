//! More clients than there are places.

use super::*;

#[tokio::test]
async fn beyond_the_places_nobody_is_let_in_until_one_leaves() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let answer = async |_| Response::new(Full::new(Bytes::from("hecho")));
    let (address, _stop, _running) = start_behind(limits, Security::Plain, answer, Duration::ZERO).await;
    let mut first = connect(address, REQUEST).await;
    let mut second = connect(address, REQUEST).await;
    for client in [&mut first, &mut second] {
        until(client, b"hecho").await;
    }
    // The kernel takes it, and what it sends.
    let mut third = connect(address, REQUEST).await;
    let waiting = tokio::time::timeout(Duration::from_millis(200), third.read_u8()).await;
    assert!(waiting.is_err(), "{waiting:?}");
    drop(first);
    until(&mut third, b"hecho").await;
    // Whoever is in goes on.
    second.write_all(REQUEST).await.unwrap();
    until(&mut second, b"hecho").await;
}

async fn answered(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    until(&mut stream, b"hecho").await
}

#[tokio::test]
async fn a_thousand_connections_on_a_hundred_places_are_all_answered() {
    let limits = Limits { connections: 100, ..Limits::default() };
    let answer = async |_| Response::new(Full::new(Bytes::from("hecho")));
    let (address, _stop, _running) = start_behind(limits, Security::Plain, answer, Duration::ZERO).await;
    let clients: tokio::task::JoinSet<_> = (0..1000).map(|_| answered(address)).collect();
    assert_eq!(clients.join_all().await.len(), 1000);
}

/// Every connection is one too many: none keeps hyper while it is idle.
async fn start_crowded(answer: fn(&Request<Incoming>) -> Response<Full<Bytes>>, idle: Duration) -> Started {
    let limits = Limits { at_ease: 0, idle, ..Limits::default() };
    start_behind(limits, Security::Plain, move |request| std::future::ready(answer(&request)), Duration::from_secs(10)).await
}

fn target(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    Response::new(Full::new(Bytes::from(format!("{};", request.uri()))))
}

#[tokio::test]
async fn a_connection_that_rests_goes_on_with_every_request() {
    let (address, _stop, _running) = start_crowded(target, Duration::from_secs(75)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    for round in 0..5 {
        // Two at once, and one whose body, which nobody reads, comes after its head, and whose head comes in pieces.
        let two = format!("GET /{round}/a HTTP/1.1\r\nHost: x\r\n\r\nGET /{round}/b HTTP/1.1\r\nHost: x\r\n\r\n");
        client.write_all(two.as_bytes()).await.unwrap();
        until(&mut client, format!("/{round}/a;").as_bytes()).await;
        until(&mut client, format!("/{round}/b;").as_bytes()).await;
        for piece in
            [format!("POST /{round}/c HTTP/1.1\r\nHo"), "st: x\r\nContent-Length: 3\r\n\r\n".to_owned(), "abc".to_owned()]
        {
            client.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        until(&mut client, format!("/{round}/c;").as_bytes()).await;
    }
}

#[tokio::test]
async fn a_connection_that_rests_for_too_long_is_closed() {
    let idle = Duration::from_millis(300);
    let (address, _stop, _running) = start_crowded(target, idle).await;
    let mut client = connect(address, REQUEST).await;
    until(&mut client, b"/;").await;
    let begun = Instant::now();
    assert_eq!(read(client).await, "");
    assert!(begun.elapsed() >= idle / 2);
}

#[tokio::test]
async fn a_stop_ends_a_connection_that_rests_but_answers_what_is_on_its_way() {
    let (address, stop, running) = start_crowded(target, Duration::from_secs(75)).await;
    let (mut asks, mut rests) = (connect(address, REQUEST).await, connect(address, REQUEST).await);
    until(&mut asks, b"/;").await;
    until(&mut rests, b"/;").await;
    stop.send(()).unwrap();
    asks.write_all(REQUEST).await.unwrap();
    let answer = read(asks).await;
    assert!(answer.ends_with("/;") && answer.contains("connection: close"), "{answer}");
    assert_eq!(read(rests).await, "");
    running.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_not_taken_yet_is_sent_to_its_end() {
    const LARGE: usize = 8 << 20;
    let large = |_: &Request<Incoming>| Response::new(Full::new(Bytes::from(vec![b'x'; LARGE])));
    let (address, _stop, _running) = start_crowded(large, Duration::from_secs(75)).await;
    let mut client = connect(address, REQUEST).await;
    for _ in 0..2 {
        until(&mut client, b"\r\n\r\n").await;
        let mut body = vec![0; LARGE];
        client.read_exact(&mut body).await.unwrap();
        assert!(body.iter().all(|byte| *byte == b'x'));
        client.write_all(REQUEST).await.unwrap();
    }
}
