#include <stdio.h>

int main(void)
{
    puts("glasschatd");
    return 0;
}
