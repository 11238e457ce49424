# What programs that watch themselves are told (ASan, UBSan): they end without
# freeing, and what is found is found by their status. SPDX-License-Identifier: ISC
# shellcheck shell=sh
export ASAN_OPTIONS=detect_leaks=0:exitcode=99:allocator_may_return_null=1:verify_asan_link_order=0
export UBSAN_OPTIONS=halt_on_error=1:exitcode=99:print_stacktrace=1
