#include <stdio.h>

int main(void)
{
    puts("glasschat");
    return 0;
}
