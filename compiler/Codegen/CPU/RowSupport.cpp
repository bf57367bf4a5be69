#include "compiler/Codegen/CPU/RowSupport.h"

namespace acie::codegen {

// Blocks are 64-byte aligned and a multiple of 64 bytes long. Attributes are set when the module is put together. A block is
// filled by stores as wide as the loads that follow: a load of several stores' bytes waits until all stores before it have
// reached the cache, those to memory far away too.
const std::string_view kRowSupport = R"(
define internal void @acie_fill(ptr %block, ptr %value, i64 %size, i64 %bytes) noinline {
entry:
  switch i64 %size, label %eight [ i64 1, label %one
                                   i64 4, label %four ]
one:
  %v1 = load i8, ptr %value, align 1
  %w1 = zext i8 %v1 to i64
  %p1 = mul i64 %w1, 72340172838076673
  br label %fill
four:
  %v4 = load i32, ptr %value, align 4
  %w4 = zext i32 %v4 to i64
  %p4 = mul i64 %w4, 4294967297
  br label %fill
eight:
  %p8 = load i64, ptr %value, align 8
  br label %fill
fill:
  %pattern = phi i64 [ %p1, %one ], [ %p4, %four ], [ %p8, %eight ]
  %single = insertelement <8 x i64> poison, i64 %pattern, i64 0
  %pieces = shufflevector <8 x i64> %single, <8 x i64> poison, <8 x i32> zeroinitializer
  br label %loop
loop:
  %offset = phi i64 [ 0, %fill ], [ %next, %loop ]
  %to = getelementptr i8, ptr %block, i64 %offset
  store <8 x i64> %pieces, ptr %to, align 64
  %next = add i64 %offset, 64
  %more = icmp ult i64 %next, %bytes
  br i1 %more, label %loop, label %done
done:
  ret void
}

define internal void @acie_copy(ptr %to, ptr %from, i64 %bytes) noinline {
entry:
  br label %head32
head32:
  %o32 = phi i64 [ 0, %entry ], [ %n32, %copy32 ]
  %n32 = add i64 %o32, 32
  %m32 = icmp ule i64 %n32, %bytes
  br i1 %m32, label %copy32, label %tail16
copy32:
  %f32 = getelementptr i8, ptr %from, i64 %o32
  %t32 = getelementptr i8, ptr %to, i64 %o32
  %v32 = load <4 x i64>, ptr %f32, align 1
  store <4 x i64> %v32, ptr %t32, align 1
  br label %head32
tail16:
  %b16 = and i64 %bytes, 16
  %h16 = icmp ne i64 %b16, 0
  br i1 %h16, label %copy16, label %tail8
copy16:
  %f16 = getelementptr i8, ptr %from, i64 %o32
  %t16 = getelementptr i8, ptr %to, i64 %o32
  %v16 = load <2 x i64>, ptr %f16, align 1
  store <2 x i64> %v16, ptr %t16, align 1
  br label %tail8
tail8:
  %o8 = add i64 %o32, %b16
  %b8 = and i64 %bytes, 8
  %h8 = icmp ne i64 %b8, 0
  br i1 %h8, label %copy8, label %tail4
copy8:
  %f8 = getelementptr i8, ptr %from, i64 %o8
  %t8 = getelementptr i8, ptr %to, i64 %o8
  %v8 = load i64, ptr %f8, align 1
  store i64 %v8, ptr %t8, align 1
  br label %tail4
tail4:
  %o4 = add i64 %o8, %b8
  %b4 = and i64 %bytes, 4
  %h4 = icmp ne i64 %b4, 0
  br i1 %h4, label %copy4, label %tail1
copy4:
  %f4 = getelementptr i8, ptr %from, i64 %o4
  %t4 = getelementptr i8, ptr %to, i64 %o4
  %v4 = load i32, ptr %f4, align 1
  store i32 %v4, ptr %t4, align 1
  br label %tail1
tail1:
  %o1 = add i64 %o4, %b4
  br label %head1
head1:
  %o = phi i64 [ %o1, %tail1 ], [ %n, %copy1 ]
  %m = icmp ult i64 %o, %bytes
  br i1 %m, label %copy1, label %done
copy1:
  %f = getelementptr i8, ptr %from, i64 %o
  %t = getelementptr i8, ptr %to, i64 %o
  %v = load i8, ptr %f, align 1
  store i8 %v, ptr %t, align 1
  %n = add i64 %o, 1
  br label %head1
done:
  ret void
}

define internal void @acie_bind(ptr %operand, ptr %block, ptr %slot, i64 %size, i64 %bytes) noinline {
entry:
  %data = load ptr, ptr %operand, align 8
  %stride_at = getelementptr i8, ptr %operand, i64 16
  %stride = load i64, ptr %stride_at, align 8
  %mask_at = getelementptr i8, ptr %slot, i64 8
  %single = icmp eq i64 %stride, 0
  br i1 %single, label %broadcast, label %column
column:
  store ptr %data, ptr %slot, align 8
  store i64 -1, ptr %mask_at, align 8
  ret void
broadcast:
  store ptr %block, ptr %slot, align 8
  store i64 0, ptr %mask_at, align 8
  call void @acie_fill(ptr %block, ptr %data, i64 %size, i64 %bytes)
  ret void
}

define internal void @acie_pad(ptr %slot, ptr %block, i64 %count, i64 %size, i64 %bytes) noinline {
entry:
  %mask_at = getelementptr i8, ptr %slot, i64 8
  %mask = load i64, ptr %mask_at, align 8
  %single = icmp eq i64 %mask, 0
  br i1 %single, label %done, label %column
column:
  %data = load ptr, ptr %slot, align 8
  %count_bytes = mul i64 %count, %size
  %last_bytes = sub i64 %count_bytes, %size
  %last = getelementptr i8, ptr %data, i64 %last_bytes
  call void @acie_fill(ptr %block, ptr %last, i64 %size, i64 %bytes)
  store ptr %block, ptr %slot, align 8
  %one = icmp eq i64 %count, 1
  br i1 %one, label %done, label %more
more:
  call void @acie_copy(ptr %block, ptr %data, i64 %count_bytes)
  br label %done
done:
  ret void
}
)";

}  // namespace acie::codegen
