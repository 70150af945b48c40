//! Which task comes first.

use durably_protos::temporal::api::common::v1;

/// The order in which the tasks of one queue are handed out.
///
/// What is left unset is inherited (an activity or child from its workflow), or the server's default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Priority {
    priority_key: Option<u8>,
    fairness_key: Option<String>,
    fairness_weight: Option<f32>,
}

impl Priority {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the priority: lower keys come first. Servers have keys from 1 to 5 unless configured
    /// otherwise, and 3 as their default; 0 counts as not set.
    #[must_use]
    pub fn priority_key(mut self, key: u8) -> Self {
        self.priority_key = Some(key);
        self
    }

    /// Sets the group among which tasks of one priority are shared out evenly, such as a customer.
    /// At most 64 bytes.
    #[must_use]
    pub fn fairness_key(mut self, key: impl Into<String>) -> Self {
        self.fairness_key = Some(key.into());
        self
    }

    /// Sets the group's share relative to others; 1 is usual, the server allows 0.001 to 1000.
    #[must_use]
    pub fn fairness_weight(mut self, weight: f32) -> Self {
        self.fairness_weight = Some(weight);
        self
    }
}

impl From<Priority> for v1::Priority {
    fn from(priority: Priority) -> Self {
        Self {
            priority_key: priority.priority_key.unwrap_or_default().into(),
            fairness_key: priority.fairness_key.unwrap_or_default(),
            fairness_weight: priority.fairness_weight.unwrap_or_default(),
        }
    }
}

impl From<v1::Priority> for Priority {
    fn from(proto: v1::Priority) -> Self {
        Self {
            priority_key: u8::try_from(proto.priority_key)
                .ok()
                .filter(|key| *key != 0),
            fairness_key: Some(proto.fairness_key).filter(|key| !key.is_empty()),
            fairness_weight: Some(proto.fairness_weight).filter(|weight| *weight != 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_round_trip() {
        let priority = Priority::new()
            .priority_key(2)
            .fairness_key("c-1")
            .fairness_weight(0.5);
        assert_eq!(
            Priority::from(v1::Priority::from(priority.clone())),
            priority
        );
        assert_eq!(Priority::from(v1::Priority::default()), Priority::new());
    }
}
