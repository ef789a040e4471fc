#ifndef AGENT_REQUEST_H
#define AGENT_REQUEST_H

enum kind { PING, PAGE, QUIT };

struct request {
    enum kind kind;
    const char *host; /* PING: until the next request */
    int page;         /* PAGE */
};

int request_read(struct request *to);
void request_obey(const struct request *request);

#endif
