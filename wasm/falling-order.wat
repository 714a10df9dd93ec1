;; Indices of float32 by falling value, ties by rising index, NaN last: a radix sort, eight bits a pass.
(module
  (import "segue" "memory" (memory 1))

  ;; $scores   address of $count float32
  ;; $digits   address of 4 * 256 zeroes: how often each digit occurs, and then where its entries go; the lowest digit first
  ;; $entries  addresses of $count uint64 each: key and index of a score
  ;; $others
  ;; $order    address of $count uint32, written
  (func (export "order")
    (param $scores i32) (param $count i32) (param $digits i32) (param $entries i32) (param $others i32) (param $order i32)
    (local $index i32) (local $bits i32) (local $key i32)
    (block $keyed
      (loop $next
        (br_if $keyed (i32.ge_u (local.get $index) (local.get $count)))
        (local.set $bits (i32.load (i32.add (local.get $scores) (i32.shl (local.get $index) (i32.const 2)))))
        ;; Read without its sign, the key falls as the score rises.
        (local.set $key
          (select (local.get $bits) (i32.sub (i32.const 0x7fffffff) (local.get $bits)) (i32.lt_s (local.get $bits) (i32.const 0))))
        ;; The two zeros are equal.
        (local.set $key
          (select (i32.const 0x7fffffff) (local.get $key) (i32.eq (local.get $bits) (i32.const 0x80000000))))
        ;; Above infinity is what is not a number.
        (local.set $key
          (select (i32.const -1) (local.get $key)
            (i32.gt_u (i32.and (local.get $bits) (i32.const 0x7fffffff)) (i32.const 0x7f800000))))
        (i64.store
          (i32.add (local.get $entries) (i32.shl (local.get $index) (i32.const 3)))
          (i64.or
            (i64.shl (i64.extend_i32_u (local.get $key)) (i64.const 32))
            (i64.extend_i32_u (local.get $index))))
        (call $tally (local.get $digits) (local.get $key))
        (call $tally (i32.add (local.get $digits) (i32.const 1024)) (i32.shr_u (local.get $key) (i32.const 8)))
        (call $tally (i32.add (local.get $digits) (i32.const 2048)) (i32.shr_u (local.get $key) (i32.const 16)))
        (call $tally (i32.add (local.get $digits) (i32.const 3072)) (i32.shr_u (local.get $key) (i32.const 24)))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (call $starts (local.get $digits))
    (call $starts (i32.add (local.get $digits) (i32.const 1024)))
    (call $starts (i32.add (local.get $digits) (i32.const 2048)))
    (call $starts (i32.add (local.get $digits) (i32.const 3072)))
    (call $pass (local.get $entries) (local.get $count) (local.get $digits) (i64.const 32) (local.get $others))
    (call $pass
      (local.get $others) (local.get $count) (i32.add (local.get $digits) (i32.const 1024)) (i64.const 40) (local.get $entries))
    (call $pass
      (local.get $entries) (local.get $count) (i32.add (local.get $digits) (i32.const 2048)) (i64.const 48) (local.get $others))
    (call $last
      (local.get $others) (local.get $count) (i32.add (local.get $digits) (i32.const 3072)) (local.get $order)))

  ;; Address of the count of the lowest digit of a value.
  (func $place (param $digits i32) (param $value i32) (result i32)
    (i32.add (local.get $digits) (i32.shl (i32.and (local.get $value) (i32.const 255)) (i32.const 2))))

  (func $tally (param $digits i32) (param $value i32)
    (local $at i32)
    (local.set $at (call $place (local.get $digits) (local.get $value)))
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1))))

  ;; Turns how often each digit occurs into where its first entry goes.
  (func $starts (param $digits i32)
    (local $end i32) (local $start i32) (local $count i32)
    (local.set $end (i32.add (local.get $digits) (i32.const 1024)))
    (loop $next
      (local.set $count (i32.load (local.get $digits)))
      (i32.store (local.get $digits) (local.get $start))
      (local.set $start (i32.add (local.get $start) (local.get $count)))
      (local.set $digits (i32.add (local.get $digits) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $digits) (local.get $end)))))

  ;; The place of the next entry with a digit.
  (func $take (param $at i32) (result i32)
    (local $place i32)
    (local.set $place (i32.load (local.get $at)))
    (i32.store (local.get $at) (i32.add (local.get $place) (i32.const 1)))
    (local.get $place))

  (func $pass (param $from i32) (param $count i32) (param $digits i32) (param $shift i64) (param $to i32)
    (local $end i32) (local $entry i64)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $entry (i64.load (local.get $from)))
        (i64.store
          (i32.add
            (local.get $to)
            (i32.shl
              (call $take
                (call $place (local.get $digits) (i32.wrap_i64 (i64.shr_u (local.get $entry) (local.get $shift)))))
              (i32.const 3)))
          (local.get $entry))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next))))

  ;; By the highest digit, and of each entry the index alone.
  (func $last (param $from i32) (param $count i32) (param $digits i32) (param $order i32)
    (local $end i32) (local $entry i64)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $entry (i64.load (local.get $from)))
        (i32.store
          (i32.add
            (local.get $order)
            (i32.shl
              (call $take
                (call $place (local.get $digits) (i32.wrap_i64 (i64.shr_u (local.get $entry) (i64.const 56)))))
              (i32.const 2)))
          (i32.wrap_i64 (local.get $entry)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))))
