use rusqlite::Connection;
fn run(options: &str, auto: i64) -> (String, usize, usize) {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(&format!("CREATE VIRTUAL TABLE t USING fts5(tokens, content='', contentless_delete=1, {options} tokenize='ascii')")).unwrap();
    if auto >= 0 { db.execute_batch(&format!("INSERT INTO t(t, rank) VALUES('automerge', {auto})")).unwrap(); }
    let mut seed = 1u64;
    let mut r = |n: u64| { seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); (seed >> 33) % n };
    let mut truth: std::collections::BTreeMap<i64, Vec<u64>> = Default::default();
    let mut first = None;
    for step in 0..1500 {
        db.execute_batch("BEGIN").unwrap();
        for _ in 0..(1 + r(3)) {
            let row = if truth.is_empty() || r(3) == 0 { truth.len() as i64 + 1 } else { 1 + r(truth.len() as u64) as i64 };
            if truth.contains_key(&row) { db.execute("DELETE FROM t WHERE rowid=?1", [row]).unwrap(); }
            let words: Vec<u64> = (0..40).map(|_| r(300)).collect();
            let text: String = words.iter().map(|w| format!("w{w} ")).collect();
            db.execute("INSERT INTO t(rowid, tokens) VALUES(?1, ?2)", rusqlite::params![row, text]).unwrap();
            truth.insert(row, words);
        }
        db.execute_batch("COMMIT").unwrap();
        if step % 10 == 0 && first.is_none() {
            let ok: String = db.query_row("PRAGMA integrity_check(1)", [], |x| x.get(0)).unwrap();
            if ok != "ok" { first = Some(format!("step {step}: {ok}")); }
        }
    }
    let mut wrong = 0;
    let mut errors = 0;
    for w in 0..300u64 {
        let mut st = db.prepare("SELECT rowid FROM t WHERE t MATCH ?1 ORDER BY rowid DESC").unwrap();
        let found: Result<Vec<i64>, _> = st.query_map([format!("w{w}")], |x| x.get(0)).unwrap().collect();
        match found {
            Err(_) => errors += 1,
            Ok(found) => {
                let want: Vec<i64> = truth.iter().rev().filter(|(_, ws)| ws.contains(&w)).map(|(r, _)| *r).collect();
                if found != want { wrong += 1; }
            }
        }
    }
    (first.unwrap_or("ok".into()), wrong, errors)
}
#[test]
fn scratch() {
    println!("{}", rusqlite::version());
    for (o, a) in [("detail=none,", -1), ("detail=none,", 0), ("detail=column,", -1), ("", -1)] {
        println!("{o} {a} {:?}", run(o, a));
    }
}
