import { Injectable } from '@nestjs/common';

/** The one place that asks what time it is. Everything else is given a `Clock`, so that a test can hold time still. */
export abstract class Clock {
  /** Now, in microseconds since 1970. */
  abstract nowUs(): number;
}

@Injectable()
export class SystemClock extends Clock {
  nowUs(): number {
    return Date.now() * 1000;
  }
}
