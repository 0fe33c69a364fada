import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { problemDetails } from 'express-app-roles';

/** Answers refusals with their status, challenge and code: to Nest they are unknown errors, which would be 500. */
@Catch()
export class ProblemFilter extends BaseExceptionFilter {
  private readonly answer = problemDetails();

  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest(), http.getResponse(), () => super.catch(error, host));
  }
}
