import { PassportStrategy } from '@nestjs/passport';
import { adopt } from 'express-app-roles/passport';
import { BearerStrategy, type ITokenPayload } from 'passport-azure-ad';
import { permissions } from './permissions.js';

export class EntraStrategy extends PassportStrategy(BearerStrategy) {
  constructor(identityMetadata: string, clientID: string) {
    super({ identityMetadata, clientID });
    adopt(this, { permissions, undeclared: 'report' });
  }

  validate(token: ITokenPayload) {
    return { id: token.oid };
  }
}
