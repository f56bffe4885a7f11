use super::*;
use std::sync::atomic::AtomicU64 as Millis;

/// A gate whose clock a test moves.
fn gate() -> (Gate, Arc<Millis>) {
    let clock = Arc::new(Millis::new(0));
    let read = Arc::clone(&clock);
    let gate = Gate::new(Arc::new(move || Duration::from_millis(read.load(Relaxed))));
    (gate, clock)
}

async fn fill(gate: &Gate, class: Class) -> Vec<Entered> {
    let mut inside = Vec::new();
    while let Some(entered) = gate.enter(class).await {
        inside.push(entered);
    }
    inside
}

fn refused(gate: &Gate, class: Class) -> u64 {
    gate.passed()
        .into_iter()
        .find(|passed| passed.class == class)
        .unwrap()
        .refused
}

#[tokio::test]
async fn who_finds_no_place_is_refused_after_a_moment_and_let_in_when_one_leaves() {
    let (gate, _) = gate();
    let mut inside = fill(&gate, Class::Act).await;
    assert_eq!(gate.under_way(), (inside.len(), inside.len()));
    assert!(gate.enter(Class::Act).await.is_none());
    assert_eq!(refused(&gate, Class::Act), 2);
    let waiting = tokio::spawn({
        let gate = gate.clone();
        async move { gate.enter(Class::Act).await }
    });
    while gate.passed().iter().all(|passed| passed.waiting == 0) {
        tokio::task::yield_now().await;
    }
    inside.pop();
    assert!(waiting.await.unwrap().is_some());
    inside.clear();
    assert_eq!(gate.under_way().0, 0, "who left is not counted");
}

#[tokio::test]
async fn a_full_house_has_room_for_officials_and_for_who_asks_after_its_health() {
    let (gate, _) = gate();
    let readers = fill(&gate, Class::Read).await;
    let actors = fill(&gate, Class::Act).await;
    assert!(!actors.is_empty(), "readers do not take all places");
    assert!(gate.enter(Class::Official).await.is_some());
    assert!(gate.enter(Class::Vital).await.is_some());
    assert!(gate.enter(Class::Files).await.is_some());
    drop((readers, actors));
}

#[tokio::test]
async fn of_those_who_wait_officials_come_first_and_readers_come_too() {
    let (gate, _) = gate();
    let mut inside = fill(&gate, Class::Official).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for class in [Class::Read, Class::Act, Class::Official] {
        for _ in 0..4 {
            let (gate, order) = (gate.clone(), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                let entered = gate.enter(class).await;
                order.lock().push(class);
                entered
            }));
        }
    }
    while gate
        .passed()
        .iter()
        .map(|passed| passed.waiting)
        .sum::<usize>()
        < 12
    {
        tokio::task::yield_now().await;
    }
    // First those who came beyond the shared places leave, then one at a time.
    let mut entered = Vec::new();
    while order.lock().len() < 12 {
        if let Some(one) = inside.pop() {
            drop(one);
        }
        tokio::task::yield_now().await;
    }
    for one in waiting {
        entered.extend(one.await.unwrap());
    }
    let order = order.lock().clone();
    assert_eq!(order[0], Class::Official);
    assert_eq!(entered.len(), 12);
}

#[tokio::test]
async fn who_went_away_takes_no_place_along() {
    let (gate, _) = gate();
    let mut inside = fill(&gate, Class::Act).await;
    let before = gate.under_way().0;
    for _ in 0..20 {
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter(Class::Act).await.is_some() }
        });
        while gate.passed().iter().all(|passed| passed.waiting == 0) {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        let _ = waiting.await;
    }
    inside.pop();
    assert_eq!(gate.under_way().0, before - 1);
    assert!(gate.enter(Class::Act).await.is_some());
}

#[tokio::test]
async fn a_queue_that_stands_waits_less() {
    let mut state = State::default();
    while state.takes(Class::Act) {}
    let at = Duration::from_millis;
    let queue = |state: &mut State, now| {
        let (answer, answered) = oneshot::channel();
        // Held open, as somebody who waits does.
        std::mem::forget(answered);
        state.queue(Class::Act, answer, now)
    };
    let first = queue(&mut state, at(0)).unwrap();
    assert_eq!(queue(&mut state, at(499)), Some(first));
    let later = queue(&mut state, at(500)).unwrap();
    assert!(later < first / 3, "{later:?}");
    // 500 a second are answered: so many can be let in while those who came last are patient.
    for millis in (502..1_502).step_by(2) {
        state.left(at(1), at(millis));
        assert!(state.takes(Class::Official));
    }
    let more = (0..10_000)
        .take_while(|_| queue(&mut state, at(1_503)).is_some())
        .count();
    assert_eq!(more + 3, (later.as_millis() / 2) as usize);
    assert!(state.turns_away(Class::Act, at(1_504)));
    assert!(
        !state.turns_away(Class::Read, at(1_504)),
        "nobody waits there"
    );
}

#[tokio::test]
async fn before_it_stands_a_queue_takes_a_burst_whole() {
    let mut state = State::default();
    while state.takes(Class::Act) {}
    let burst = (0..10_000_u64).take_while(|_| {
        let (answer, answered) = oneshot::channel();
        std::mem::forget(answered);
        state.queue(Class::Act, answer, Duration::ZERO).is_some()
    });
    assert!(
        (200..1_000).contains(&burst.count()),
        "though it has an end"
    );
}

#[tokio::test]
async fn the_site_says_when_to_come_back() {
    let site = crate::testing::Site::new().await;
    let _acts = fill(&site.app.gate, Class::Act).await;
    let reply = site
        .public()
        .raw("GET", "/api/v1/services", &[], Vec::new())
        .await;
    assert_eq!(
        (reply.status, reply.json()["type"].clone()),
        (503, "/problems/unavailable".into())
    );
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(site.public().get("/healthz").await.0, 200);
}
