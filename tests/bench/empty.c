/* SPDX-License-Identifier: MIT */

/* What a static executable costs that does nothing: the floor of the benchmark. */
int main(void)
{
    return 0;
}
