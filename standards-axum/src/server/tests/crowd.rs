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
