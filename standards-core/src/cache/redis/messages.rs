//! What instances tell each other by their channel: `INSTANCE KIND SUBJECT`.

use redis::{PushInfo, PushKind, Value};

use super::level::Shared;
use crate::cache::SharedEvent;

/// A key was annulled.
pub(super) const KEY: &str = "k";
/// A namespace was.
pub(super) const NAMESPACE: &str = "n";

/// The message of this instance.
pub(super) fn message(instance: &str, kind: &str, subject: &str) -> String {
    format!("{instance} {kind} {subject}")
}

/// Hears what comes by a connection without having been asked for.
pub(super) fn hear(shared: &Shared, number: u64, push: &PushInfo) {
    match (&push.kind, push.data.as_slice()) {
        (PushKind::Disconnection, _) => shared.link.lose(number, "the connection has ended".to_owned()),
        (PushKind::Message, [_channel, Value::BulkString(message)]) => {
            let event = std::str::from_utf8(message).ok().and_then(|message| read(&shared.instance, message));
            event.iter().for_each(|event| shared.tell_listeners(event));
        }
        _ => {}
    }
}

/// What another instance says; what makes no sense says nothing.
fn read<'a>(instance: &str, message: &'a str) -> Option<SharedEvent<'a>> {
    let (from, rest) = message.split_once(' ')?;
    let (kind, subject) = rest.split_once(' ')?;
    match kind {
        _ if from == instance => None,
        KEY => Some(SharedEvent::Annulled(subject)),
        NAMESPACE => Some(SharedEvent::Cleared(subject)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_by_another_is_heard() {
        assert_eq!(read("me", &message("other", KEY, "cliente:1:a b")), Some(SharedEvent::Annulled("cliente:1:a b")));
        assert_eq!(read("me", &message("other", NAMESPACE, "cliente:1")), Some(SharedEvent::Cleared("cliente:1")));
        for nothing in ["", "other", "other k", "other x a", &message("me", KEY, "a")] {
            assert_eq!(read("me", nothing), None, "{nothing}");
        }
    }
}
