//! Memory before a shared level.

use super::fake::{Instance, Network, Server};
use super::*;
use crate::cache::Ttl;

/// A server and the caches of two instances.
fn two() -> (Arc<Server>, [Arc<Instance>; 2], [Cache<u32>; 2]) {
    let server = Arc::<Server>::default();
    let instances = [server.instance(), server.instance()];
    let caches = [instances[0].numbers(), instances[1].numbers()];
    (server, instances, caches)
}

#[tokio::test(start_paused = true)]
async fn what_one_instance_loads_others_find() {
    let (_server, _instances, [one, other]) = two();
    let source = Source::default();
    assert_eq!(one.ask(&source).await, 1);
    pass(20).await;
    assert_eq!((other.ask(&source).await, other.get("a").await.as_deref()), (1, Some(&1)));
    other.assert_counted(CacheOutcome::HitShared, 1);
    other.assert_counted(CacheOutcome::HitMemory, 1);
}

#[tokio::test(start_paused = true)]
async fn what_one_instance_annuls_others_forget() {
    let (_server, _instances, [one, other]) = two();
    let source = Source::default();
    one.ask(&source).await;
    pass(20).await;
    other.ask(&source).await;
    assert!(one.delete("a").await);
    assert_eq!((one.ask(&source).await, other.ask(&source).await), (2, 2));
    other.assert_counted(CacheOutcome::InvalidationReceived, 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_told_is_stale_for_no_longer_than_was_said() {
    let (_server, [_, deaf], [one, other]) = two();
    let source = Source::default();
    one.ask(&source).await;
    pass(20).await;
    deaf.set_hearing(false);
    other.ask(&source).await;
    assert!(one.delete("a").await);
    assert_eq!(other.ask(&source).await, 1);
    pass(5_000).await;
    assert_eq!(other.ask(&source).await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_immutable_value_is_kept_for_its_time_in_both() {
    let (_server, _instances, [one, other]) = two();
    let source = Source::default();
    let hour = Ttl::immutable(MINUTE * 60);
    for pause in [20, 1_800_000, 1_200_000] {
        assert_eq!(*one.get_or_load("a", hour, source.load(1)).await.unwrap(), 1);
        pass(pause).await;
        assert_eq!(*other.get_or_load("a", hour, source.load(1)).await.unwrap(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_annulled_there_is_not_believed_here() {
    let (server, [cut, _], [one, other]) = two();
    let source = Source::default();
    one.ask(&source).await;
    pass(20).await;
    assert!(server.has("number:1:a"));
    cut.set_network(Network::Cut);
    assert!(!one.delete("a").await);
    assert_eq!((one.get("a").await, one.ask(&source).await), (None, 2));
    assert!(server.has("number:1:a"));
    // As soon as it answers it is told.
    one.delete("a").await;
    cut.set_network(Network::Well);
    pass(1_100).await;
    assert!(!server.has("number:1:a"));
    assert_eq!((one.ask(&source).await, other.ask(&source).await), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn who_was_cut_off_does_not_find_again_what_he_deleted() {
    let (server, [cut, _], [one, _]) = two();
    let source = Source::default();
    one.ask(&source).await;
    pass(20).await;
    cut.set_network(Network::Cut);
    one.delete("a").await;
    cut.set_network(Network::Well);
    assert!(server.has("number:1:a"));
    assert_eq!(one.ask(&source).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_caller_leaves_is_ended() {
    let (server, _instances, [one, _]) = two();
    one.ask(&Source::default()).await;
    pass(20).await;
    assert!(tokio::time::timeout(Duration::from_millis(1), one.delete("a")).await.is_err());
    pass(20).await;
    assert!(!server.has("number:1:a"));
}

#[tokio::test(start_paused = true)]
async fn a_load_from_before_the_annulment_of_another_is_kept_nowhere() {
    let (_server, [_, deaf], [one, other]) = two();
    let source = Source::default();
    deaf.set_hearing(false);
    let meanwhile = async {
        pass(50).await;
        one.delete("a").await
    };
    assert_eq!(tokio::join!(other.ask(&source), meanwhile), (1, true));
    pass(20).await;
    // Not even by who was not told of it.
    assert_eq!((one.get("a").await, other.get("a").await), (None, None));
    other.assert_counted(CacheOutcome::StaleRefused, 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_a_miss_and_annulled() {
    for bytes in [&b"{\"half"[..], b"\"text\"", b"\xff\xfe", b"-1"] {
        let (server, _instances, [one, _]) = two();
        server.put("number:1:a", bytes);
        assert_eq!(one.ask(&Source::default()).await, 1);
        one.assert_counted(CacheOutcome::Corrupt, 1);
        pass(20).await;
        assert_eq!(one.get("a").await.as_deref(), Some(&1));
        assert!(server.has("number:1:a"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_is_cleared_everywhere() {
    let (_server, [cut, _], [one, other]) = two();
    let source = Source::default();
    one.ask(&source).await;
    pass(20).await;
    other.ask(&source).await;
    assert!(one.clear().await);
    assert_eq!((one.get("a").await, other.get("a").await), (None, None));
    one.ask(&source).await;
    pass(20).await;
    cut.set_network(Network::Cut);
    assert!(!one.clear().await);
    assert_eq!(one.get("a").await, None);
    cut.set_network(Network::Well);
    pass(20).await;
    assert_eq!((one.get("a").await, other.get("a").await), (None, None));
}

#[tokio::test(start_paused = true)]
async fn absence_is_shared_too() {
    let (_server, _instances, [one, other]) = two();
    let absent = || async { Ok(None) };
    one.find_or_load("a", MINUTE, absent).await.unwrap();
    pass(20).await;
    other.find_or_load("a", MINUTE, absent).await.unwrap();
    other.assert_counted(CacheOutcome::Loaded, 0);
    assert_eq!(other.ask(&Source::default()).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_takes_what_another_instance_has_brought() {
    let (_server, _instances, [one, other]) = two();
    let source = Source::default();
    for _ in 0..1_200 {
        one.ask(&source).await;
        other.ask(&source).await;
        pass(50).await;
    }
    // A minute of entries that live five seconds: each instance alone would load some fifteen times.
    assert!((12..=24).contains(&source.loads()), "{}", source.loads());
}
