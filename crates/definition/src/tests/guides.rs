use super::faults::SMALL;
use super::{loaded, told};
use proptest::prelude::*;

/// The small package with a guide over these answers (`question,answer,next,result,open,fills`), of so many taps.
fn guide(questions: &[&str], answers: &str, taps: usize) -> String {
    let service = format!(
        "{}guides:\n  which: {{ title: どれですか, taps: {taps}, questions: asks, answers: tells, start: first, covers: [things] }}\n",
        SMALL.0
    );
    let record = SMALL.1.replace(
        "fields:\n",
        "fields:\n  thing: { type: choice, title: もの, options: table(things) }\n",
    );
    let record = record.replace("form: [count]", "form: [count, thing]");
    let asks: String = questions
        .iter()
        .map(|code| format!("{code},{code}ですか\n"))
        .collect();
    told(&loaded(&[
        ("a/1-x/service.yaml", &service),
        ("a/1-x/records/application.yaml", &record),
        (
            "a/1-x/tables/asks.yaml",
            "title: 質問\nhit: unique\ninputs: { code: text }\noutputs: { title: text }\n",
        ),
        ("a/1-x/tables/asks.csv", &format!("code,title\n{asks}")),
        (
            "a/1-x/tables/tells.yaml",
            "title: 答え\nhit: collect\ninputs: { question: text }\noutputs: { answer: text, next: text?, result: text?, open: text?, fills: text? }\n",
        ),
        (
            "a/1-x/tables/tells.csv",
            &format!("question,answer,next,result,open,fills\n{answers}"),
        ),
        (
            "a/1-x/tables/things.yaml",
            "title: もの\nhit: unique\ninputs: { code: text }\noutputs: { title: text }\n",
        ),
        ("a/1-x/tables/things.csv", "code,title\na,甲\nb,乙\n"),
    ]))
}

fn codes(text: &str) -> Vec<String> {
    let all = text.split("error[").skip(1);
    all.filter_map(|rest| rest.split(']').next().map(str::to_owned))
        .collect()
}

#[test]
fn every_way_through_a_guide_is_walked() {
    let whole = "first,甲,,甲です,application,thing=a\nfirst,ほか,second,,,\nsecond,乙,,乙です,application,thing=b\n";
    assert_eq!(codes(&guide(&["first", "second"], whole, 2)), [""; 0]);
    assert_eq!(
        codes(&guide(&["first", "second"], whole, 1)),
        ["guide-too-long", "guide-unreached", "guide-uncovered"]
    );
    assert_eq!(
        codes(&guide(&["first", "second", "third"], whole, 2)),
        ["guide-unreached"]
    );
    let circle = whole.replace(
        "second,乙,,乙です,application,thing=b",
        "second,もどる,first,,,",
    );
    assert_eq!(
        codes(&guide(&["first", "second"], &circle, 6)),
        ["guide-circle", "guide-uncovered"]
    );
    let wrong = whole
        .replace("thing=b", "thing=c")
        .replace("甲です,application", "甲です,nothing");
    assert_eq!(
        codes(&guide(&["first", "second"], &wrong, 2)),
        [
            "unknown-type",
            "unknown-option",
            "guide-uncovered",
            "guide-uncovered"
        ]
    );
    let both = whole.replace("first,甲,,甲です", "first,甲,second,甲です");
    assert!(codes(&guide(&["first", "second"], &both, 2)).contains(&"guide-answer".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// A chain of questions is accepted exactly if it is no longer than declared.
    #[test]
    fn a_way_is_too_long_exactly_when_it_takes_more_taps(length in 1_usize..6, taps in 1_usize..6) {
        let name = |at: usize| if at == 0 { "first".to_owned() } else { format!("q{at}") };
        let names: Vec<String> = (0..length).map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut answers = String::from("first,甲,,甲です,application,thing=a\nfirst,乙,,乙です,application,thing=b\n");
        for at in 1..length {
            answers.push_str(&format!("{},つぎ,{},,,\n{},これ,,これです,,\n", name(at - 1), name(at), name(at)));
        }
        let told = codes(&guide(&names, &answers, taps));
        prop_assert_eq!(told.is_empty(), length <= taps, "{:?}", told);
    }
}
