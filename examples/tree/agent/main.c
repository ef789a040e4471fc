#include "request.h"

int main(void)
{
    struct request request;
    while (request_read(&request))
        request_obey(&request);
    return 0;
}
