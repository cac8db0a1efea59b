/* SPDX-License-Identifier: MIT */

/* A static executable that does nothing: the floor of the benchmark. */
int main(void)
{
    return 0;
}
