use super::{TODAY, loaded};
use crate::diagnostic::Sink;
use crate::yaml::{Content, Node, merge, parse, print};
use crate::{Source, load};
use proptest::prelude::*;

/// What a node says, without its places.
fn plain(node: &Node) -> String {
    match &node.content {
        Content::Scalar(_) if node.is_null() => "null".to_owned(),
        Content::Scalar(scalar) => format!("{:?}", scalar.text),
        Content::Seq(items) => format!(
            "[{}]",
            items.iter().map(plain).collect::<Vec<_>>().join(",")
        ),
        Content::Map(entries) => format!(
            "{{{}}}",
            entries
                .iter()
                .map(|(key, node)| format!("{}:{}", key.name, plain(node)))
                .collect::<Vec<_>>()
                .join(",")
        ),
    }
}

fn yaml(depth: u32) -> BoxedStrategy<String> {
    // The name says whether a map or a leaf stands there, as the grammar does; without that no merge is associative.
    let leaf = || {
        prop_oneof![
            Just("x".to_owned()),
            Just("'y z'".to_owned()),
            Just("[a, b]".to_owned()),
            Just("'0123'".to_owned())
        ]
    };
    let leaves = proptest::collection::btree_map("[cd]", leaf(), 0..3);
    let written = |map: std::collections::BTreeMap<String, String>| {
        map.iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if depth == 0 {
        return leaves
            .prop_map(move |map| format!("{{{}}}", written(map)))
            .boxed();
    }
    let maps = proptest::collection::btree_map("[ab]", yaml(depth - 1), 0..3);
    (leaves, maps)
        .prop_map(move |(leaves, maps)| {
            format!(
                "{{{}}}",
                [written(leaves), written(maps)]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        })
        .boxed()
}

fn map(text: &str) -> Node {
    parse(
        "f.yaml",
        format!("m: {text}\n").as_bytes(),
        &mut Sink::default(),
    )
    .expect("yaml")
}

proptest! {
    #[test]
    fn merging_is_idempotent_associative_and_has_a_neutral(a in yaml(3), b in yaml(3), c in yaml(3)) {
        let (a, b, c) = (map(&a), map(&b), map(&c));
        let empty = parse("f.yaml", b"{}", &mut Sink::default()).expect("yaml");
        prop_assert_eq!(plain(&merge(a.clone(), &a)), plain(&a));
        prop_assert_eq!(plain(&merge(a.clone(), &empty)), plain(&a));
        prop_assert_eq!(plain(&merge(empty, &a)), plain(&a));
        prop_assert_eq!(plain(&merge(merge(a.clone(), &b), &c)), plain(&merge(a, &merge(b, &c))));
    }

    #[test]
    fn what_is_printed_reads_back(a in yaml(3)) {
        let node = map(&a);
        let again = parse("f.yaml", print(&node).as_bytes(), &mut Sink::default()).expect("yaml");
        prop_assert_eq!(plain(&again), plain(&node));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[a-z:{}\\[\\]\\- \n'\"|>&*!#%@花]{0,120}") {
        let _ = parse("f.yaml", &bytes, &mut Sink::default());
        let files = ["a/1-x/service.yaml", "a/1-x/records/r.yaml", "a/1-x/tables/t.yaml", "a/1-x/tables/t.csv", "a/1-x/i18n/en.yaml", "a/1-x/demo.yaml"];
        for path in files {
            let mut source = Source::from_files(files.map(|file| (file, b"{}".to_vec())));
            source.files.insert(path.to_owned(), text.clone().into_bytes());
            prop_assert!(load(&source, TODAY).has_errors());
        }
    }
}

#[test]
fn words_in_strange_places_never_panic() {
    let (service, record) = super::faults::SMALL;
    let lines: Vec<&str> = record.lines().collect();
    for dropped in 0..lines.len() {
        let text: String = lines
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != dropped)
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        let _ = loaded(&[
            ("a/1-x/service.yaml", service),
            ("a/1-x/records/application.yaml", &text),
        ]);
    }
}
