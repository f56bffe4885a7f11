// Writes expressions.csv: expressions and what the independent evaluator feelin answers.
// Run once, by hand:  npm install feelin@8.2.0 && node generate.mjs > expressions.csv
// feelin computes with doubles, so the numbers here are whole or halves; exact decimals have a
// fixture of their own (decimals.py).
import { evaluate } from 'feelin';

// A small fixed generator: the same corpus every time.
let seed = 20261122;
const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % n; };
const pick = (list) => list[random(list.length)];
const two = (n) => String(n).padStart(2, '0');

const number = (depth) => {
  if (depth === 0) return pick(['0', '1', '2', '3', '7', '10', '0.5', '2.5', '12', '-4']);
  const a = () => number(depth - 1);
  return pick([
    () => `(${a()} + ${a()})`, () => `(${a()} - ${a()})`, () => `(${a()} * ${a()})`, () => `(${a()} / 2)`,
    () => `-(${a()})`, () => `abs(${a()})`, () => `floor(${a()})`, () => `ceiling(${a()})`, () => `modulo(${a()}, 5)`,
    () => `round half up(${a()}, 0)`, () => `round half down(${a()}, 0)`, () => `round up(${a()}, 0)`, () => `round down(${a()}, 0)`,
    () => `decimal(${a()}, 0)`, () => `max(${a()}, ${a()})`, () => `min(${list(depth - 1)})`, () => `sum(${list(depth - 1)})`,
    () => `count(${list(depth - 1)})`, () => `${list(depth - 1)}[1]`, () => `${list(depth - 1)}[-1]`,
    () => `(if ${condition(depth - 1)} then ${a()} else ${a()})`, () => `string length(${text(depth - 1)})`,
    () => `${date()}.${pick(['year', 'month', 'day', 'weekday'])}`, () => `(${date()} - ${date()}).days`,
    () => `{a: ${a()}, b: a + 1}.b`,
  ])();
};
// feelin turns a range round whose ends are exchanged, where DMN has nothing in it.
const ends = () => [number(0), number(0)].sort((a, b) => a - b);
const list = (depth) => {
  const items = () => Array.from({ length: 1 + random(4) }, () => number(Math.max(depth - 1, 0))).join(', ');
  if (depth === 0) return `[${items()}]`;
  const l = () => list(depth - 1);
  return pick([
    () => `[${items()}]`, () => `reverse(${l()})`, () => `concatenate(${l()}, ${l()})`, () => `append(${l()}, ${number(0)})`,
    () => `distinct values(${l()})`, () => `flatten([${l()}, ${l()}])`, () => `sublist([${items()}], 1, 1)`,
    () => `sort(${l()}, function(x, y) x < y)`, () => `(for x in ${l()} return x + ${number(0)})`,
    () => `(for i in ${pick(['1..4', '3..1', '-1..1'])} return i * ${number(0)})`,
    () => `(for x in ${l()}, y in ${list(0)} return x - y)`, () => `index of(${l()}, ${number(0)})`,
  ])();
};
const condition = (depth) => {
  if (depth === 0) return pick(['true', 'false', '1 < 2', '2 = 3']);
  const c = () => condition(depth - 1), n = () => number(depth - 1), l = () => list(depth - 1);
  return pick([
    () => `(${n()} ${pick(['=', '!=', '<', '<=', '>', '>='])} ${n()})`, () => `(${c()} and ${c()})`, () => `(${c()} or ${c()})`,
    () => `not(${c()})`, () => `(${n()} between ${ends().join(' and ')})`, () => `(${n()} in [${ends().join('..')}])`,
    () => `(${n()} in (0..5))`, () => `(${n()} in (${number(0)}, ${number(0)}, > 9))`, () => `(some x in ${l()} satisfies x > ${number(0)})`,
    () => `(every x in ${l()} satisfies x < ${number(0)})`, () => `list contains(${l()}, ${number(0)})`,
    () => `(${date()} ${pick(['<', '<=', '=', '>'])} ${date()})`, () => `(${text(depth - 1)} = ${text(depth - 1)})`,
    () => `${pick(['contains', 'starts with', 'ends with'])}(${text(depth - 1)}, ${text(0)})`, () => `(count(${l()}[item > 1]) > 1)`,
    () => `matches(${text(depth - 1)}, "${pick(['^a', '[0-9]+', '都$', 'b.'])}")`, () => `all([${c()}, ${c()}])`, () => `any([${c()}, ${c()}])`,
  ])();
};
const text = (depth) => {
  if (depth === 0) return pick(['"a"', '"abc"', '"東京都"', '"a1b2"', '"食品 衛生"']);
  const t = () => text(depth - 1);
  return pick([
    () => `(${t()} + ${t()})`, () => `upper case(${t()})`, () => `lower case(${t()})`, () => `substring(${t()}, ${1 + random(2)}, ${1 + random(2)})`,
    () => `substring(${t()}, -1)`, () => `replace(${t()}, "([a-z])", "[$1]")`, () => `string join([${t()}, ${t()}], "・")`,
    () => `substring before(${t()}, "b")`, () => `substring after(${t()}, "a")`, () => `string(${date()})`,
    () => `(if ${condition(depth - 1)} then ${t()} else ${t()})`,
  ])();
};
const date = () => {
  const plain = `date("${2020 + random(8)}-${two(1 + random(12))}-${two(1 + random(28))}")`;
  const duration = `duration("P${1 + random(40)}${pick(['D', 'M'])}")`;
  return pick([() => plain, () => `date(${2020 + random(8)}, ${1 + random(12)}, ${1 + random(28)})`, () => `(${plain} + ${duration})`, () => `(${plain} - ${duration})`])();
};

const quote = (s) => `"${s.replaceAll('"', '""')}"`;
const plain = (v) => Array.isArray(v) ? v.every(plain) : ['number', 'string', 'boolean'].includes(typeof v);
const lines = new Set();
for (let tries = 0; lines.size < 1500 && tries < 20000; tries++) {
  const depth = 1 + random(3);
  const source = pick([() => number(depth), () => list(depth), () => condition(depth), () => text(depth), () => `string(${date()})`])();
  let answer;
  try { answer = evaluate(source, {}); } catch { continue; }
  // A null is feelin's word for an error; those have tests of their own.
  if (answer.warnings.length === 0 && plain(answer.value)) lines.add(`${quote(source)},${quote(JSON.stringify(answer.value))}`);
}
process.stdout.write(['source,answer', ...lines].join('\n') + '\n');
