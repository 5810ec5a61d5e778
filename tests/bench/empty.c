/* SPDX-License-Identifier: Apache-2.0 */
/* What any static program costs: the measure for the hook where nothing is asked of it. */
int main(void)
{
	return 0;
}
