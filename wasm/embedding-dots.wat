;; Dot products of one vector with the embeddings of many tracks, sixteen products an instruction.
(module
  (import "segue" "memory" (memory 1))

  ;; $embeddings  address of the embedding of ordinal 0: 64 int8, the next one $stride bytes on
  ;; $vector      address of 64 int16
  ;; $ordinals    address of $count uint32
  ;; $dots        address of $count int32, written
  (func (export "dots")
    (param $embeddings i32) (param $stride i32) (param $vector i32) (param $ordinals i32) (param $count i32) (param $dots i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128)
    (local $v4 v128) (local $v5 v128) (local $v6 v128) (local $v7 v128)
    (local $end i32) (local $at i32) (local $bytes v128) (local $sum v128)
    (local.set $v0 (v128.load (local.get $vector)))
    (local.set $v1 (v128.load offset=16 (local.get $vector)))
    (local.set $v2 (v128.load offset=32 (local.get $vector)))
    (local.set $v3 (v128.load offset=48 (local.get $vector)))
    (local.set $v4 (v128.load offset=64 (local.get $vector)))
    (local.set $v5 (v128.load offset=80 (local.get $vector)))
    (local.set $v6 (v128.load offset=96 (local.get $vector)))
    (local.set $v7 (v128.load offset=112 (local.get $vector)))
    (local.set $end (i32.add (local.get $ordinals) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $ordinals) (local.get $end)))
        (local.set $at
          (i32.add (local.get $embeddings) (i32.mul (i32.load (local.get $ordinals)) (local.get $stride))))
        (local.set $bytes (v128.load (local.get $at)))
        (local.set $sum
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (local.get $v0))
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (local.get $v1))))
        (local.set $bytes (v128.load offset=16 (local.get $at)))
        (local.set $sum
          (i32x4.add
            (local.get $sum)
            (i32x4.add
              (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (local.get $v2))
              (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (local.get $v3)))))
        (local.set $bytes (v128.load offset=32 (local.get $at)))
        (local.set $sum
          (i32x4.add
            (local.get $sum)
            (i32x4.add
              (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (local.get $v4))
              (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (local.get $v5)))))
        (local.set $bytes (v128.load offset=48 (local.get $at)))
        (local.set $sum
          (i32x4.add
            (local.get $sum)
            (i32x4.add
              (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (local.get $v6))
              (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (local.get $v7)))))
        (i32.store
          (local.get $dots)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
            (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
        (local.set $ordinals (i32.add (local.get $ordinals) (i32.const 4)))
        (local.set $dots (i32.add (local.get $dots) (i32.const 4)))
        (br $next)))))
