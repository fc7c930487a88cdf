#include <stdio.h>

int main(void)
{
    puts("glass");
    return 0;
}
