//! Where the model check may switch between tasks. In the program itself these places are nothing.
//!
//! loom and shuttle switch inside their own locks and channels. The cache's single flight and compare and swap are
//! moka's, which uses neither, so the tasks of the real code are stopped between its steps instead: each step is one
//! atomic operation of moka, of the backoff or of an atomic number, and all orders of the steps are tried.

/// A place where others may come first; `_step` names what comes next.
#[cfg(not(test))]
pub(super) async fn point(_step: &'static str) {}

#[cfg(test)]
pub(super) use self::explorer::{Explorer, point};

#[cfg(test)]
mod explorer {
    use std::cell::RefCell;
    use std::time::Duration;

    use tokio::sync::oneshot;

    /// Somebody who stands at a point.
    struct Parked {
        task: Option<tokio::task::Id>,
        step: &'static str,
        go: oneshot::Sender<()>,
    }

    thread_local! {
        /// Those who stand at a point in this thread; none while nothing is explored.
        static STAGE: RefCell<Option<Vec<Parked>>> = const { RefCell::new(None) };
    }

    pub(in super::super) async fn point(step: &'static str) {
        let parked = STAGE.with_borrow_mut(|stage| {
            let (go, gone) = oneshot::channel();
            stage.as_mut()?.push(Parked { task: tokio::task::try_id(), step, go });
            Some(gone)
        });
        if let Some(parked) = parked {
            let _ = parked.await;
        }
    }

    /// One decision: which of those who stood at a point went on.
    #[derive(Debug, Clone, Copy)]
    struct Choice {
        taken: usize,
        options: usize,
    }

    /// Tries the orders in which tasks may go on, one run after the other, depth first.
    pub(in super::super) struct Explorer {
        /// How often a task may be stopped although it could go on. Most errors need one or two such switches.
        switches: u32,
        /// Ends a search that is longer than a test should be.
        most_runs: usize,
        pub(in super::super) runs: usize,
        path: Vec<Choice>,
    }

    impl Explorer {
        pub(in super::super) fn new(switches: u32, most_runs: usize) -> Self {
            Self { switches, most_runs, runs: 0, path: Vec::new() }
        }

        /// Runs a scenario once for every order. It spawns its tasks and gives what is checked while all stand still and
        /// what is checked at the end.
        pub(in super::super) fn explore<W, E>(&mut self, mut scenario: impl FnMut() -> (W, E))
        where
            W: Fn(&[&'static str]),
            E: FnOnce(),
        {
            loop {
                self.run(&mut scenario);
                self.runs += 1;
                assert!(self.runs < self.most_runs, "too many orders for a test");
                while self.path.last().is_some_and(|last| last.taken + 1 == last.options) {
                    self.path.pop();
                }
                match self.path.last_mut() {
                    Some(last) => last.taken += 1,
                    None => return,
                }
            }
        }

        fn run<W: Fn(&[&'static str]), E: FnOnce()>(&mut self, scenario: &mut impl FnMut() -> (W, E)) {
            STAGE.set(Some(Vec::new()));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let mut steps = Vec::new();
            runtime.block_on(async {
                let (while_standing, at_the_end) = scenario();
                let (mut depth, mut switches, mut last) = (0, 0, None);
                loop {
                    // A task that is woken is run in the same round; a few rounds settle chains of them.
                    for _ in 0..4 {
                        tokio::task::yield_now().await;
                    }
                    let mut order = standing();
                    if order.is_empty() {
                        break;
                    }
                    let names: Vec<_> = order.iter().map(|(_, _, step)| *step).collect();
                    while_standing(&names);
                    // Who went on last is first in line.
                    let same = order.iter().position(|(_, task, _)| task.is_some() && *task == last);
                    if let Some(place) = same {
                        order.swap(0, place);
                    }
                    let options = if same.is_some() && switches == self.switches { 1 } else { order.len() };
                    if self.path.len() == depth {
                        self.path.push(Choice { taken: 0, options });
                    }
                    let Choice { taken, options: before } = self.path[depth];
                    assert_eq!(options, before, "a run took another way than the one before it: {steps:?}");
                    depth += 1;
                    let (place, task, step) = order[taken];
                    switches += u32::from(same.is_some() && taken > 0);
                    last = task;
                    steps.push((task, step));
                    let parked = STAGE.with_borrow_mut(|stage| stage.as_mut().unwrap().remove(place));
                    let _ = parked.go.send(());
                }
                Steps(&steps).watch(at_the_end);
            });
            runtime.shutdown_timeout(Duration::ZERO);
            STAGE.set(None);
        }
    }

    fn standing() -> Vec<(usize, Option<tokio::task::Id>, &'static str)> {
        STAGE.with_borrow_mut(|stage| {
            let stage = stage.as_mut().unwrap();
            // Whoever was dropped stands nowhere.
            stage.retain(|parked| !parked.go.is_closed());
            let places = stage.iter().enumerate();
            places.map(|(place, parked)| (place, parked.task, parked.step)).collect()
        })
    }

    /// The order that was taken, shown when a check fails.
    struct Steps<'a>(&'a [(Option<tokio::task::Id>, &'static str)]);

    impl Steps<'_> {
        fn watch(&self, check: impl FnOnce()) {
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
            if let Err(cause) = checked {
                let steps: Vec<_> = self.0.iter().map(|(task, step)| format!("{task:?} {step}")).collect();
                panic!("{cause:?} after {}", steps.join(", "));
            }
        }
    }
}
