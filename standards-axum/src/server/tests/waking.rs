//! How often a connection is polled, and that nobody waits for a poll that does not come.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use super::super::connection::{Serving, serve_connection};
use super::super::drain::{Closing, Connections};
use super::super::stream::Place;
use super::super::transport::{Socket, Transport};
use super::*;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde";

/// A client whose connection is served by `answer`, and how often that was polled.
async fn served<A, F, B>(answer: A) -> (TcpStream, Arc<AtomicUsize>)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (socket, peer) = listener.accept().await.unwrap();
    let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
    let place = Place { open: Connections::default().open.token(), _permit: permit };
    let service = Box::new(service_fn(move |request| {
        let answer = answer(request);
        async { Ok::<_, Infallible>(answer.await) }
    }));
    let (limits, polls) = (Limits::default(), Arc::<AtomicUsize>::default());
    let transport = Transport::Plain(Socket::new(socket, limits.stall));
    let serving = Serving { service, peer, limits, closing: Closing::default(), place };
    context::spawn(counted(serve_connection(transport, serving), polls.clone()));
    (client, polls)
}

async fn counted(serving: impl Future<Output = ()>, polls: Arc<AtomicUsize>) {
    let mut serving = pin!(serving);
    poll_fn(|cx| {
        polls.fetch_add(1, Ordering::Relaxed);
        serving.as_mut().poll(cx)
    })
    .await;
}

/// What comes until it ends so. A connection that nobody polls any more fails the test, and does not hold it.
async fn answered(client: &mut TcpStream, end: &[u8]) -> String {
    tokio::time::timeout(Duration::from_secs(10), until(client, end)).await.expect("an answer in time")
}

async fn read_body(request: Request<Incoming>) -> String {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    format!("<{}>", body.escape_ascii())
}

#[tokio::test]
async fn a_request_with_a_body_is_one_poll() {
    let (mut client, polls) = served(async |request| Response::new(Full::new(Bytes::from(read_body(request).await)))).await;
    for _ in 0..50 {
        client.write_all(POST).await.unwrap();
        answered(&mut client, b"<abcde>").await;
    }
    let polls = polls.load(Ordering::Relaxed);
    // One more to begin, and one for each time that the client's bytes come while it is polled.
    assert!((50..75).contains(&polls), "{polls}");
}

/// An answer that gives way to others before, between and after its parts.
async fn hesitant(request: Request<Incoming>) -> Response<impl http_body::Body<Data = Bytes, Error = Infallible> + Send> {
    yield_now().await;
    let told = read_body(request).await;
    yield_now().await;
    let (mut parts, mut has_yielded) = (told.into_bytes().into_iter(), false);
    let frames = futures_util::stream::poll_fn(move |cx| {
        has_yielded = !has_yielded;
        if has_yielded {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(parts.next().map(|byte| Ok(Frame::data(Bytes::copy_from_slice(&[byte])))))
    });
    Response::new(StreamBody::new(frames))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_way_goes_on() {
    let chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
    for request in [POST, chunked] {
        let (mut client, _) = served(hesitant).await;
        // Whole, in two pieces, and many at once: more than a poll has a budget for.
        for (head, rest) in
            [(request.to_vec(), vec![]), (request[..30].to_vec(), request[30..].to_vec()), (request.repeat(200), vec![])]
        {
            client.write_all(&head).await.unwrap();
            yield_now().await;
            client.write_all(&rest).await.unwrap();
            for _ in 0..(head.len() / request.len()).max(1) {
                let answer = answered(&mut client, b"0\r\n\r\n").await;
                assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\n<\r\n"), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn what_another_task_does_for_a_request_is_heard() {
    let (mut client, _) = served(async |request| {
        let told = context::spawn(read_body(request)).await.unwrap();
        Response::new(Full::new(Bytes::from(told)))
    })
    .await;
    for _ in 0..100 {
        let (head, body) = POST.split_at(POST.len() - 2);
        client.write_all(head).await.unwrap();
        yield_now().await;
        client.write_all(body).await.unwrap();
        answered(&mut client, b"<abcde>").await;
    }
}
