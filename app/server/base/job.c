/* SPDX-License-Identifier: MIT */
/* A list with a pointer to its end, so that appending takes one step, and in each job a pointer to the pointer that
 * leads to it, so that removing a job does too, wherever it is. */
#include "app/server/base/job.h"

void job_list_clear(struct job_list *list)
{
    list->first = NULL;
    list->end = &list->first;
}

void job_list_append(struct job_list *list, struct job *job)
{
    job->next = NULL;
    job->link = list->end;
    *list->end = job;
    list->end = &job->next;
}

void job_list_remove(struct job_list *list, struct job *job)
{
    *job->link = job->next;
    *(job->next != NULL ? &job->next->link : &list->end) = job->link;
}

struct job *job_list_take(struct job_list *list)
{
    struct job *job = list->first;
    if (job != NULL)
        job_list_remove(list, job);
    return job;
}
