/* Kernels by lines: the part of the kernel ABI by which one call of a kernel of tensors' elements computes several lines, runs
 * of elements along the last axes, and adds up what it writes of each.
 *
 * A library may hold such a kernel beside one of kernel_abi.h, under its ordinal with ACIE_KERNEL_LINES set, and answers
 * ACIE_KERNEL_BAD_ORDINAL where it holds none. In its call every operand has rank 2: shape {lines, acie_call::count}, and strides
 * {elements from a line's begin to the next one's, stride}. An operand of stride 0 is one value for a line. Outputs lie together,
 * line after line, and so do their draws and what is ahead.
 *
 * Behind the outputs stand as many operands more, the chains of each: null, or where its lines' sums are left. Every run of
 * ACIE_LINE_RUN elements of a line, the last one may be shorter, has ACIE_LINE_CHAINS numbers there, of the output's type: number c is
 * 0 plus element c, plus element c + ACIE_LINE_CHAINS and so on, one after the other. An output whose lines are added
 * up may itself be null, and is then not written. A kernel answers ACIE_KERNEL_BAD_ABI where it adds up no such output, or where count is less than ACIE_SHORTEST_LINE. Of
 * no lines it answers the same and does nothing else. */
#ifndef ACIE_KERNEL_LINES_H
#define ACIE_KERNEL_LINES_H

#define ACIE_KERNEL_LINES 0x80000000u
#define ACIE_SHORTEST_LINE 32
#define ACIE_LINE_RUN 128
#define ACIE_LINE_CHAINS 8

#endif /* ACIE_KERNEL_LINES_H */
