//! Links to workflow events as Nexus has them: URLs with a type.
//!
//! `temporal:///namespaces/NS/workflows/ID/RUN/history?eventID=5&eventType=T&referenceType=EventReference`

use std::fmt::Write as _;

use durably_protos::temporal::api::common::v1::Link;
use durably_protos::temporal::api::common::v1::link::workflow_event::{
    EventReference, Reference, RequestIdReference,
};
use durably_protos::temporal::api::common::v1::link::{Variant, WorkflowEvent};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::nexus::v1::Link as NexusLink;

const WORKFLOW_EVENT: &str = "temporal.api.common.v1.Link.WorkflowEvent";

/// The link to the event that scheduled an operation.
pub(crate) fn operation_link(
    namespace: &str,
    workflow_id: &str,
    run_id: &str,
    event_id: i64,
) -> NexusLink {
    let (namespace, workflow_id) = (escape(namespace), escape(workflow_id));
    let run_id = escape(run_id);
    NexusLink {
        url: format!(
            "temporal:///namespaces/{namespace}/workflows/{workflow_id}/{run_id}/history?eventID={event_id}\
             &eventType=NexusOperationScheduled&referenceType=EventReference"
        ),
        r#type: WORKFLOW_EVENT.to_owned(),
    }
}

/// The links of a handler's answer that lead to workflow events; others are left out, as the real
/// server does.
pub(crate) fn from_nexus(links: &[NexusLink]) -> Vec<Link> {
    links.iter().filter_map(workflow_event).collect()
}

fn workflow_event(link: &NexusLink) -> Option<Link> {
    if link.r#type != WORKFLOW_EVENT {
        return None;
    }
    let rest = link.url.strip_prefix("temporal:///namespaces/")?;
    let (path, query) = rest.split_once('?')?;
    let parts: Vec<_> = path.split('/').collect();
    let [namespace, "workflows", workflow_id, run_id, "history"] = parts.as_slice() else {
        return None;
    };
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| unescape(value))
    };
    let event_type = event_type(&parameter("eventType").unwrap_or_default());
    let reference = match parameter("referenceType")?.as_str() {
        "EventReference" => Reference::EventRef(EventReference {
            event_id: parameter("eventID").map_or(Some(0), |id| id.parse().ok())?,
            event_type,
        }),
        "RequestIdReference" => Reference::RequestIdRef(RequestIdReference {
            request_id: parameter("requestID")?,
            event_type,
        }),
        _ => return None,
    };
    Some(Link {
        variant: Some(Variant::WorkflowEvent(WorkflowEvent {
            namespace: unescape(namespace)?,
            workflow_id: unescape(workflow_id)?,
            run_id: unescape(run_id)?,
            reference: Some(reference),
        })),
    })
}

/// The type of an event, by its name in one word or in capitals.
fn event_type(name: &str) -> i32 {
    let mut capitals = String::from("EVENT_TYPE_");
    for (place, letter) in name.char_indices() {
        if place > 0 && letter.is_ascii_uppercase() {
            capitals.push('_');
        }
        capitals.push(letter.to_ascii_uppercase());
    }
    let found = EventType::from_str_name(&capitals).or_else(|| EventType::from_str_name(name));
    found.unwrap_or_default().into()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+=:@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _written = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_they_were_written() {
        let written = operation_link("default", "order/7 é", "run", 5);
        assert!(
            written.url.contains("order%2F7%20%C3%A9"),
            "{}",
            written.url
        );
        let read = from_nexus(&[written]);
        let Some(Variant::WorkflowEvent(event)) = &read[0].variant else {
            panic!("a workflow event");
        };
        assert_eq!(event.workflow_id, "order/7 é");
        let reference = EventReference {
            event_id: 5,
            event_type: EventType::NexusOperationScheduled.into(),
        };
        assert_eq!(event.reference, Some(Reference::EventRef(reference)));
    }

    #[test]
    fn what_leads_nowhere_is_left_out() {
        for url in [
            "",
            "x://y",
            "temporal:///namespaces/a",
            "temporal:///namespaces/%/workflows/b/c/history?referenceType=EventReference",
        ] {
            let link = NexusLink {
                url: url.to_owned(),
                r#type: WORKFLOW_EVENT.to_owned(),
            };
            assert_eq!(from_nexus(&[link]), [], "{url}");
        }
    }
}
