//! Plans from seeds.

use super::{Action, Plan};

/// Numbers from a seed, the same on every machine (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number in `0..bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A plan.
    pub fn plan(&mut self) -> Plan {
        let mut plan = self.run(3, true);
        for _ in 0..self.below(3) {
            let mut before = self.run(2, true);
            before.next = Some(Box::new(plan));
            plan = before;
        }
        plan
    }

    fn run(&mut self, depth: u32, signaled: bool) -> Plan {
        let actions = self.actions(depth, signaled);
        Plan {
            carried: 0,
            action: Action::Sequence(actions),
            next: None,
        }
    }

    fn actions(&mut self, depth: u32, signaled: bool) -> Vec<Action> {
        (0..=self.below(3))
            .map(|_| self.action(depth, signaled))
            .collect()
    }

    fn action(&mut self, depth: u32, signaled: bool) -> Action {
        if depth > 0 && self.below(2) == 0 {
            return self.branch(depth - 1, signaled);
        }
        let (value, failures) = (self.below(1000), self.below(3) as u32);
        match self.below(17) {
            0..3 => Action::Activity(value, failures),
            3 => Action::FailingActivity,
            4..6 => Action::LocalActivity(value, failures),
            6 => Action::FailingLocalActivity,
            7 => Action::BackingOff(value),
            8..10 => Action::Timer(self.below(300) as u32),
            10 if signaled => Action::WaitForSignals(1 + self.below(2) as u32),
            10 | 11 => Action::Patch(self.below(4) as u8),
            12 => Action::Version(1 + self.below(3) as u8),
            13 => Action::SideEffect,
            14 => Action::MutableSideEffect(self.below(3) as u8),
            15 => Action::Memo(value),
            _ => Action::LostSignal,
        }
    }

    fn branch(&mut self, depth: u32, signaled: bool) -> Action {
        let millis = self.below(300) as u32;
        match self.below(11) {
            0 => Action::Sequence(self.actions(depth, signaled)),
            1 | 2 => Action::Parallel(self.actions(depth, signaled)),
            3 => Action::Spawned(self.actions(depth, signaled)),
            4 => Action::Race(self.actions(depth, signaled)),
            // Nobody signals a child but its parent.
            5 => Action::Child(Box::new(self.run(depth, false))),
            6 => Action::SignaledChild(u64::from(millis)),
            7 => Action::CanceledChild,
            8 => Action::Timeout(millis, Box::new(self.action(depth, signaled))),
            9 => Action::Canceled(millis, Box::new(self.action(depth, signaled))),
            _ => Action::Shielded(Box::new(self.action(depth, signaled))),
        }
    }
}
